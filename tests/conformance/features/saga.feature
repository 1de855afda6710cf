Feature: Sagas
  Steps that are undone when a later one fails.

  @saga-done
  Scenario: Steps run in order, each with the output of the one before
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {flight: 1}}}], undo: [{unbook: {set: {x: 1}}}]}
              - hotel: {do: [{reserve: {set: '${ . + {hotel: 2} }'}}], undo: [{free: {set: {x: 1}}}]}
              - car: {do: [{rent: {set: '${ . + {car: 3} }'}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    {flight: 1, hotel: 2, car: 3}
    """
    And unbook should not run
    And free should not run

  @saga-undo @saga-undo-input
  Scenario: When a step fails those before it are undone in reverse, each with its own output
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {number: F1}}}], undo: [{unbook: {set: {undone: '${ .number }'}}}]}
              - hotel: {do: [{reserve: {set: {number: H2}}}], undo: [{free: {set: {undone: '${ .number }'}}}]}
              - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409, title: No car}}}}], undo: [{giveBack: {set: {x: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/none
    status: 409
    title: No car
    """
    And unbook should run after free
    And giveBack should not run
    And the journal should contain '"undone":"F1"'
    And the journal should contain '"undone":"H2"'

  @saga-undo
  Scenario: When the first step fails there is nothing to undo
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {raise: {error: {type: 'https://example.com/none', status: 409}}}}], undo: [{unbook: {set: {x: 1}}}]}
              - hotel: {do: [{reserve: {set: {x: 1}}}], undo: [{free: {set: {x: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should fault
    And unbook should not run
    And reserve should not run
    And free should not run

  @saga-undo
  Scenario: A step without undo is left as it is
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {x: 1}}}], undo: [{unbook: {set: {x: 1}}}]}
              - look: {do: [{see: {set: {x: 1}}}]}
              - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409}}}}]}
    """
    When the workflow is executed
    Then the workflow should fault
    And unbook should run once

  @saga-caught
  Scenario: The error is caught around the saga when all is undone
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try:
            - trip:
                call: flow.saga
                with:
                  steps:
                    - flight: {do: [{book: {set: {x: 1}}}], undo: [{unbook: {set: {x: 1}}}]}
                    - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409}}}}]}
          catch: {as: e, do: [{instead: {set: {status: '${ $e.status }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    {status: 409}
    """
    And instead should run after unbook

  @saga-retry
  Scenario: Undoing is tried again as the step says
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight:
                  do: [{book: {set: {x: 1}}}]
                  undo: [{unbook: {raise: {error: {type: 'https://example.com/later', status: 503}}}}]
                  retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}
              - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409}}}}]}
    """
    When the workflow is executed
    Then the workflow should fault
    And unbook should run 3 times
    And the workflow should have ended after 2 seconds

  @saga-undo-fails
  Scenario: What could not be undone is told with the error, and the others are undone all the same
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {x: 1}}}], undo: [{unbook: {set: {x: 1}}}]}
              - hotel: {do: [{reserve: {set: {x: 1}}}], undo: [{free: {raise: {error: {type: 'https://example.com/locked', status: 423, title: Locked}}}}]}
              - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409, detail: No car is left}}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/none
    status: 409
    detail: 'No car is left (hotel could not be undone: Locked)'
    """
    And unbook should run after free
    And the journal should contain '"undoFailed":[{"step":"hotel"'

  @saga-extended
  Scenario: Extensions are woven around the saga and the tasks of its steps, and around nothing else
    Given a workflow with definition:
    """yaml
    use:
      extensions:
        - count:
            extend: all
            before:
              - note:
                  set: '${ . }'
                  export: {as: '{all: (($context.all // 0) + 1), calls: ($context.calls // 0)}'}
        - countCalls:
            extend: call
            before:
              - note:
                  set: '${ . }'
                  export: {as: '{all: $context.all, calls: ($context.calls + 1)}'}
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {x: 1}}}], undo: [{unbook: {set: {x: 1}}}]}
              - hotel: {do: [{reserve: {set: {x: 1}}}]}
          output: {as: '${ $context }'}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    all: 3
    calls: 1
    """

  @saga-cancel
  Scenario: A cancel undoes the steps that are done
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {number: F1}}}], undo: [{unbook: {set: {undone: '${ .number }'}}}]}
              - hotel: {do: [{reserve: {set: {number: H2}}}], undo: [{free: {wait: {seconds: 2}}}]}
              - car: {do: [{rent: {wait: {hours: 1}}}], undo: [{giveBack: {set: {x: 1}}}]}
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    And the workflow runs on
    Then the workflow should be cancelled
    And rent should be cancelled
    And unbook should run after free
    And giveBack should not run
    And the journal should contain '"undone":"F1"'

  @saga-cancel
  Scenario: A cancel does not cut short what is being undone
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {set: {x: 1}}}], undo: [{nap: {wait: {seconds: 5}}}, {unbook: {set: {x: 1}}}]}
              - car: {do: [{rent: {raise: {error: {type: 'https://example.com/none', status: 409}}}}]}
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be waiting
    When the workflow runs on
    Then the workflow should be cancelled
    And unbook should run once

  @saga-checked
  Scenario: What stands in a saga is checked as everywhere
    Given a workflow with definition:
    """yaml
    do:
      - trip:
          call: flow.saga
          with:
            steps:
              - flight: {do: [{book: {sett: {x: 1}}}]}
    """
    Then the definition should be refused with DSL0202
