Feature: Moving to another version
  What of a running execution stays when it is moved to another version of its workflow, and what is new.

  Background:
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: child, version: '1.0.0'}
    do:
      - w: {wait: {seconds: 5}}
      - s: {set: {got: '${ . }'}}
    """

  @migrate-next
  Scenario: What follows is that of the new version
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 1}}
      - old: {set: {from: old}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - w: {wait: {seconds: 1}}
      - new: {set: {version: '${ $workflow.definition.document.version }'}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    version: 2.0.0
    """
    And old should not run

  @migrate-passed
  Scenario: New tasks that stand before where it is do not run
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 1}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - ahead: {set: {x: 1}}
      - w: {wait: {seconds: 1}}
      - behind: {set: {y: 1}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    y: 1
    """
    And ahead should not run
    And behind should run once

  @migrate-timer
  Scenario: A wait ends when it would have ended
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 3}}
    """
    When the workflow is started
    And 1 second passes
    And the workflow migrates to the definition:
    """yaml
    do:
      - w: {wait: {hours: 1}}
      - after: {set: {x: 1}}
    """
    And the workflow runs on
    Then after should run at the seconds '3'

  @migrate-deadline
  Scenario: A timeout that runs stays as it was
    Given a workflow with definition:
    """yaml
    do:
      - d: {do: [{w: {wait: {hours: 1}}}], timeout: {after: {seconds: 3}}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - d: {do: [{w: {wait: {hours: 1}}}], timeout: {after: {hours: 3}}}
    """
    And the workflow runs on
    Then the workflow should fault with error:
    """yaml
    status: 408
    """
    And the workflow should have ended after 3 seconds

  @migrate-retry
  Scenario: The runs of a try go on being counted
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/x', status: 500, title: X}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 5}}}}
    """
    When the workflow is started
    And 1 second passes
    And the workflow migrates to the definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/x', status: 500, title: X}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 3}}}, do: [{c: {set: {gave: up}}}]}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    gave: up
    """
    And r should run 4 times

  @migrate-rounds
  Scenario: The rounds of a loop go on with the items that it began with
    Given a workflow with definition:
    """yaml
    do:
      - l: {input: {from: '${ [] }'}, for: {each: n, in: '${ [1, 2, 3] }'}, do: [{w: {wait: {seconds: 1}}}, {a: {set: '${ . + [$n] }'}}]}
    """
    When the workflow is started
    And 1 second passes
    And the workflow migrates to the definition:
    """yaml
    do:
      - l: {for: {each: item, in: '${ [7] }'}, do: [{w: {wait: {seconds: 1}}}, {a: {set: '${ . + [10 * $item] }'}}]}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    [1, 20, 30]
    """

  @migrate-subflow
  Scenario: A workflow that is awaited goes on, and its output is that of the task
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: {x: 1}}}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - before: {set: {x: 2}}
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0', input: {x: 2}}}, output: {as: '${ {moved: .} }'}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    moved: {got: {x: 1}}
    """
    And 1 executions of 'child' should have started

  @migrate-cancels
  Scenario: What it cancels after it has moved is what it began before
    Given a workflow with definition:
    """yaml
    do:
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - before: {set: {x: 2}}
      - run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}
    """
    And the workflow is cancelled because 'no longer needed'
    Then the workflow should be cancelled
    And the execution of 'child' should be cancelled

  @migrate-listen
  Scenario: Events that were taken stay taken
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    And the workflow migrates to the definition:
    """yaml
    do:
      - x: {set: {x: 1}}
      - l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}}, output: {as: '${ {both: .} }'}}
    """
    And the event is published:
    """yaml
    {type: b, data: 2}
    """
    Then the workflow should complete with output:
    """yaml
    both: [1, 2]
    """

  @migrate-listen-anew
  Scenario: A listen that has taken nothing listens for what the new version wants, from the start on
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: b, data: early}
    """
    And the workflow migrates to the definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: b}}}}}
    """
    Then the workflow should complete with output:
    """yaml
    [early]
    """

  @migrate-fork
  Scenario: The branches of a fork are found by their names, with their outputs and contexts
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            branches:
              - a: {set: {x: 1}, export: {as: '${ {a: 1} }'}}
              - b: {do: [{w: {wait: {seconds: 1}}}, {s: {set: {x: 2}, export: {as: '${ {b: 2} }'}}}]}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - f:
          fork:
            branches:
              - b: {do: [{w: {wait: {seconds: 1}}}, {s: {set: {x: 3}, export: {as: '${ {b: 3} }'}}}]}
              - a: {set: {x: 9}}
              - c: {set: {x: 4}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    [{x: 3}, {x: 1}, {x: 4}]
    """
    And the context should be:
    """yaml
    {a: 1, b: 3}
    """

  @migrate-context
  Scenario: Neither the input nor the context is looked at again
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}, export: {as: '${ {kept: .x} }'}}
      - w: {wait: {seconds: 1}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    input: {schema: {document: {type: object, required: [never]}}, from: '${ .never }'}
    do:
      - a: {set: {x: 2}, export: {as: '${ {kept: .x} }'}}
      - w: {wait: {seconds: 1}}
      - s: {set: {kept: '${ $context.kept }'}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    kept: 1
    """

  @migrate-twice
  Scenario: It may be moved again, also after a crash
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 1}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - x: {set: {x: 1}}
      - w: {wait: {seconds: 1}}
      - v: {wait: {seconds: 1}}
    """
    And the engine crashes and recovers
    And 1 second passes
    And the workflow migrates to the definition:
    """yaml
    do:
      - v: {wait: {seconds: 1}}
      - s: {set: {at: '${ $task.reference }'}}
    """
    And the engine crashes and recovers
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    at: /do/1/s
    """
    And the workflow should have ended after 2 seconds

  @migrate-renamed
  Scenario: A task that was renamed is found by its definition
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 1}}
    """
    When the workflow is started
    And the workflow migrates to the definition:
    """yaml
    do:
      - pause: {wait: {seconds: 1}}
      - s: {set: {x: 1}}
    """
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    x: 1
    """

  @migrate-refused
  Scenario Outline: A task that <is> is in the way, and nothing changes
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}}
      - w: {wait: {seconds: 1}}
      - b: {set: {y: 1}}
    """
    When the workflow is started
    Then the workflow should not migrate because of '<task>' to the definition:
    """yaml
    do: <tasks>
    """
    When the workflow runs on
    Then the workflow should complete with output:
    """yaml
    y: 1
    """
    Examples:
      | is                 | task    | tasks                                                                        |
      | gone               | /do/1/w | [{a: {set: {x: 1}}}, {b: {set: {y: 1}}}]                                     |
      | of another kind    | /do/1/w | [{a: {set: {x: 1}}}, {w: {set: {z: 1}}}, {b: {set: {y: 1}}}]                 |
      | in another list    | /do/1/w | [{d: {do: [{a: {set: {x: 1}}}, {w: {wait: {seconds: 1}}}]}}, {b: {set: {y: 1}}}] |
      | to run again       | /do/0/a | [{w: {wait: {seconds: 1}}}, {a: {set: {x: 1}}}, {b: {set: {y: 1}}}]          |
      | never to run       | /do/2/b | [{b: {set: {y: 1}}}, {a: {set: {x: 1}}}, {w: {wait: {seconds: 1}}}]          |
