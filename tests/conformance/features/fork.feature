Feature: Fork
  Branches side by side, their outputs, their contexts and their faults.

  @fork-output
  Scenario: The output of a fork is the outputs of its branches in the order written
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - slow: {do: [{w: {wait: {seconds: 5}}}, {s: {set: {n: 1}}}]}
              - quick: {set: {n: 2}}
              - middle: {do: [{v: {wait: {seconds: 2}}}, {m: {set: {n: 3}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - n: 1
    - n: 2
    - n: 3
    """
    And the workflow should have ended after 5 seconds

  @fork-side
  Scenario: Branches wait side by side
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {wait: {seconds: 10}}
              - b: {wait: {seconds: 10}}
              - c: {wait: {seconds: 10}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow should have ended after 10 seconds

  @fork-input
  Scenario: Each branch begins with the input of the fork
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          input: {from: .inner}
          fork:
            branches:
              - a: {set: {got: '${ .x }'}}
              - b: {set: {got: '${ .x + 1 }'}}
    """
    And given the workflow input is:
    """yaml
    inner: {x: 1}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - got: 1
    - got: 2
    """

  @fork-compete
  Scenario: With compete the first branch that completes wins and the others are cancelled
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            compete: true
            branches:
              - slow: {do: [{w: {wait: {seconds: 5}}}, {s: {set: {n: 1}}}]}
              - quick: {do: [{v: {wait: {seconds: 1}}}, {q: {set: {n: 2}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 2
    """
    And slow should be cancelled
    And w should be cancelled
    And s should not run
    And the workflow should have ended after 1 seconds

  @fork-compete-fault
  Scenario: With compete a branch that faults is out of the race
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            compete: true
            branches:
              - bad: {raise: {error: {type: 'https://example.com/bad', status: 500}}}
              - good: {do: [{w: {wait: {seconds: 1}}}, {s: {set: {n: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 1
    """
    And bad should fault

  @fork-compete-all-fault
  Scenario: When all competing branches have faulted the first fault is the fork's
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            compete: true
            branches:
              - late:
                  do:
                    - w: {wait: {seconds: 2}}
                    - a: {raise: {error: {type: 'https://example.com/late', status: 500}}}
              - early:
                  do:
                    - v: {wait: {seconds: 1}}
                    - b: {raise: {error: {type: 'https://example.com/early', status: 501}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/early
    status: 501
    instance: /do/0/f/fork/branches/1/early/do/1/b
    """
    And the workflow should have ended after 2 seconds

  @fork-fault
  Scenario: A fault in one branch cancels the others and is the fork's
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - slow: {wait: {hours: 1}}
              - bad:
                  do:
                    - w: {wait: {seconds: 1}}
                    - r: {raise: {error: {type: 'https://example.com/bad', status: 500}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/bad
    status: 500
    instance: /do/0/f/fork/branches/1/bad/do/1/r
    """
    And slow should be cancelled
    And f should fault
    And the workflow should have ended after 1 seconds

  @fork-fault-caught
  Scenario: A fault of a branch can be caught around the fork
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - t:
          try:
            - f:
                fork:
                  branches:
                    - slow: {wait: {hours: 1}}
                    - bad: {raise: {error: {type: 'https://example.com/bad', status: 500}}}
          catch:
            do:
              - caught: {set: {status: '${ $error.status }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    status: 500
    """
    And slow should be cancelled

  @fork-fault-inside
  Scenario: A fault that is caught inside a branch does not trouble the others
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - one:
                  try: [{r: {raise: {error: {type: 'https://example.com/bad', status: 500}}}}]
                  catch: {do: [{c: {set: {caught: true}}}]}
              - two: {do: [{w: {wait: {seconds: 3}}}, {s: {set: {fine: true}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - caught: true
    - fine: true
    """

  @fork-context-start
  Scenario: Each branch starts with the context at the fork
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - before: {set: {ok: 1}, export: {as: '{n: 1}'}}
      - f:
          fork:
            branches:
              - a: {set: {saw: '${ $context.n }'}}
              - b: {set: {saw: '${ $context.n }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - saw: 1
    - saw: 1
    """

  @fork-context-own
  Scenario: A branch does not see what another writes to the context
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - writer: {set: {ok: 1}, export: {as: '{n: 1}'}}
              - reader: {do: [{w: {wait: {seconds: 1}}}, {r: {set: {saw: '${ $context }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - {ok: 1}
    - saw: null
    """

  @fork-context-self
  Scenario: A branch sees what it has written to the context itself
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {do: [{w: {set: {ok: 1}, export: {as: '{n: 1}'}}}, {r: {set: {saw: '${ $context.n }'}}}]}
              - b: {set: {ok: 1}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - saw: 1
    - {ok: 1}
    """

  @fork-context-join
  Scenario: At the join the contexts of the branches are merged
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - before: {set: {ok: 1}, export: {as: '{kept: 0}'}}
      - f:
          fork:
            branches:
              - a: {set: {ok: 1}, export: {as: '$context + {a: 1}'}}
              - b: {set: {ok: 1}, export: {as: '$context + {b: 2}'}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the context should be:
    """yaml
    kept: 0
    a: 1
    b: 2
    """

  @fork-context-order
  Scenario: At the join a later branch wins over an earlier one even if it ended before
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {do: [{w: {wait: {seconds: 1}}}, {x: {set: {ok: 1}, export: {as: '{n: "a"}'}}}]}
              - b: {set: {ok: 1}, export: {as: '{n: "b"}'}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    n: b
    """

  @fork-context-unchanged
  Scenario: A branch that repeats a member unchanged does not undo what another wrote
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - before: {set: {ok: 1}, export: {as: '{n: 0}'}}
      - f:
          fork:
            branches:
              - a: {set: {ok: 1}, export: {as: '$context + {n: 1}'}}
              - b: {set: {ok: 1}, export: {as: '$context + {m: 2}'}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    n: 1
    m: 2
    """

  @fork-context-scalar
  Scenario: At the join the last that wrote wins where the contexts are no objects
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {set: {ok: 1}, export: {as: '{n: 1}'}}
              - b: {set: {ok: 1}, export: {as: '[2]'}}
              - c: {set: {ok: 1}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    [2]
    """

  @fork-context-winner
  Scenario: With compete the context of the winner counts alone
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            compete: true
            branches:
              - slow: {do: [{x: {set: {ok: 1}, export: {as: '{slow: true}'}}}, {w: {wait: {seconds: 5}}}]}
              - quick: {do: [{v: {wait: {seconds: 1}}}, {y: {set: {ok: 1}, export: {as: '{quick: true}'}}}]}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    quick: true
    """

  Scenario: A fork that exports sees the merged context
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {set: {ok: 1}, export: {as: '{a: 1}'}}
              - b: {set: {ok: 1}, export: {as: '{b: 2}'}}
          export: {as: '$context + {sum: ($context.a + $context.b)}'}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    a: 1
    b: 2
    sum: 3
    """

  @fork-context-nested
  Scenario: Contexts of forks inside forks are merged step by step
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - inner:
                  fork:
                    branches:
                      - a: {set: {ok: 1}, export: {as: '{a: 1}'}}
                      - b: {set: {ok: 1}, export: {as: '{b: 2}'}}
              - c: {set: {ok: 1}, export: {as: '{c: 3}'}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    a: 1
    b: 2
    c: 3
    """

  Scenario: A fork with one branch gives a list of one
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f: {fork: {branches: [{a: {set: {x: 1}}}]}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - x: 1
    """

  Scenario: Forks inside forks keep their outputs apart
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - a: {fork: {branches: [{a1: {set: {n: 1}}}, {a2: {set: {n: 2}}}]}}
              - b: {fork: {compete: true, branches: [{b1: {wait: {seconds: 1}}}, {b2: {set: {n: 3}}}]}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - [{n: 1}, {n: 2}]
    - {n: 3}
    """

  @fork-skipped
  Scenario: A branch that is skipped gives the input of the fork
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: fork, version: '1.0.0'}
    do:
      - f: {fork: {branches: [{a: {if: 'false', set: {x: 1}}}, {b: {set: {y: 1}}}]}}
    """
    And given the workflow input is:
    """yaml
    given: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - given: 1
    - y: 1
    """

  @fork-end-context
  Scenario: end in a branch joins the contexts that the branches have written so far
    Given a workflow with definition:
    """yaml
    output: {as: $context}
    do:
      - f:
          fork:
            branches:
              - slow: {do: [{a: {set: {ok: 1}, export: {as: '{a: 1}'}}}, {w: {wait: {hours: 1}}}]}
              - quick: {do: [{v: {wait: {seconds: 1}}}, {b: {set: {ok: 1}, export: {as: '{b: 2}'}, then: end}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    a: 1
    b: 2
    """
