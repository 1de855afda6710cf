Feature: Subflows
  Workflows that run workflows: awaited or not, their faults, versions and cancellation.

  Background:
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: child, version: '1.0.0'}
    do:
      - w: {wait: {seconds: 5}}
      - s: {set: {got: '${ . }'}}
    """
    And a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: bad, version: '1.0.0'}
    do:
      - r: {raise: {error: {type: 'https://example.com/bad', status: 418, title: Bad}}}
    """
    And a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: versions, version: '1.0.0'}
    do: [{s: {set: {version: 1}}}]
    """
    And a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: versions, version: '2.0.0'}
    do: [{s: {set: {version: 2}}}]
    """

  @subflow-await
  Scenario: An awaited workflow gives its output
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: {x: '${ .n }'}}}}
      - after: {set: {child: '${ . }'}}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    child: {got: {x: 1}}
    """
    And after should run at the seconds '5'
    And 2 executions should have started

  @subflow-input
  Scenario: Without input the workflow gets the task's input
    Given a workflow with definition:
    """yaml
    do:
      - run: {input: {from: .inner}, run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}
    """
    And given the workflow input is:
    """yaml
    inner: {x: 1}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {x: 1}
    """

  @subflow-input-any
  Scenario: The input of a workflow may be any value
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: '${ [1, 2] }'}}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: [1, 2]
    """

  @subflow-no-await
  Scenario: A workflow that is not awaited gives the task's input and runs by itself
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {await: false, workflow: {namespace: t, name: child, version: '1.0.0', input: {x: 1}}}}
    """
    And given the workflow input is:
    """yaml
    mine: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    mine: 1
    """
    And the workflow should have ended after 0 seconds
    And the execution of 'child' should be waiting
    When 5 seconds pass
    Then the execution of 'child' should complete with output:
    """yaml
    got: {x: 1}
    """

  @subflow-no-await-fault
  Scenario: The fault of a workflow that is not awaited is its own
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {await: false, workflow: {namespace: t, name: bad, version: '1.0.0'}}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the execution of 'bad' should be faulted

  @subflow-fault
  Scenario: The fault of an awaited workflow becomes the task's
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: bad, version: '1.0.0'}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/bad
    status: 418
    title: Bad
    """
    And run should fault

  @subflow-fault-caught
  Scenario: The fault of an awaited workflow can be caught
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{run: {run: {workflow: {namespace: t, name: bad, version: '1.0.0'}}}}]
          catch: {errors: {with: {status: 418}}, do: [{c: {set: {title: '${ $error.title }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    title: Bad
    """

  @subflow-retry
  Scenario: A retry runs the workflow anew
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{run: {run: {workflow: {namespace: t, name: bad, version: '1.0.0'}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should complete
    And 3 executions of 'bad' should have started

  @subflow-version
  Scenario Outline: The version <version> of a workflow is the one that runs
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: versions, version: '<version>'}}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    version: <runs>
    """
    Examples:
      | version | runs |
      | 1.0.0   | 1    |
      | 2.0.0   | 2    |
      | latest  | 2    |

  @subflow-unknown
  Scenario: A workflow that does not exist is an error of type configuration
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: nobody, version: '1.0.0'}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/configuration
    instance: /do/0/run
    """

  @subflow-timeout
  Scenario: A timeout of the task cancels the workflow it runs
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}, timeout: {after: {seconds: 2}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/run
    """
    And the execution of 'child' should be cancelled

  @subflow-cancel
  Scenario: Cancelling a workflow cancels the awaited ones it runs
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}
    """
    When the workflow is started
    And the workflow is cancelled because 'no longer needed'
    Then the workflow should be cancelled
    And the execution of 'child' should be cancelled

  @subflow-cancel-not-awaited
  Scenario: Cancelling a workflow leaves those alone that it does not await
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {await: false, workflow: {namespace: t, name: child, version: '1.0.0'}}}
      - w: {wait: {hours: 1}}
    """
    When the workflow is started
    And the workflow is cancelled because 'no longer needed'
    Then the workflow should be cancelled
    And the execution of 'child' should be waiting

  @subflow-race
  Scenario: The branch of a race that loses cancels the workflow it runs
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            compete: true
            branches:
              - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}
              - quick: {do: [{w: {wait: {seconds: 1}}}, {s: {set: {won: quick}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    won: quick
    """
    And the execution of 'child' should be cancelled

  @subflow-crash
  Scenario: A crash does not start the awaited workflow twice
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: {x: 1}}}}
    """
    When the workflow is started
    And the engine crashes and recovers
    And the engine crashes and recovers
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    got: {x: 1}
    """
    And 1 executions of 'child' should have started

  @subflow-context
  Scenario: A workflow that is run has a context of its own
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: looks, version: '1.0.0'}
    do: [{s: {set: {context: '${ $context }'}, export: {as: '{childs: 1}'}}}]
    """
    And a workflow with definition:
    """yaml
    do:
      - s: {set: {ok: 1}, export: {as: '{mine: 1}'}}
      - run: {run: {workflow: {namespace: t, name: looks, version: '1.0.0'}}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    context: null
    """
    And the context should be:
    """yaml
    mine: 1
    """

  @subflow-depth
  Scenario: A workflow that runs itself for ever is stopped
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: mirror, version: '1.0.0'}
    do: [{again: {run: {workflow: {namespace: t, name: mirror, version: '1.0.0'}}}}]
    """
    And a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: mirror, version: '1.0.0'}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/runtime
    """
    And 32 executions of 'mirror' should have started

  @subflow-parallel
  Scenario: Branches run workflows side by side
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            branches:
              - one: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: 1}}}
              - two: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: 2}}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - got: 1
    - got: 2
    """
    And the workflow should have ended after 5 seconds
