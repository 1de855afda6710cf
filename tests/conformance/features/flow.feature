Feature: Flow
  Where the workflow goes after each task.

  @flow-list
  Scenario: A task without then goes on with the next of its list
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {path: [a]}}
      - b: {set: {path: '${ .path + ["b"] }'}}
      - c: {set: {path: '${ .path + ["c"] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    path: [a, b, c]
    """
    And a should run first
    And c should run last

  Scenario: then continue is the same as no then
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {path: [a]}, then: continue}
      - b: {set: {path: '${ .path + ["b"] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    path: [a, b]
    """

  @flow-jump
  Scenario: then leads to a task by its name, forwards
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {path: [a]}, then: c}
      - b: {set: {path: '${ .path + ["b"] }'}}
      - c: {set: {path: '${ .path + ["c"] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    path: [a, c]
    """
    And b should not run

  Scenario: then leads back, and a switch ends the loop
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - start: {set: {n: 0}}
      - count: {set: {n: '${ .n + 1 }'}}
      - enough:
          switch:
            - yes: {when: .n >= 3, then: end}
            - no: {then: count}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 3
    """
    And count should run 3 times
    And enough should run last

  @flow-own-list
  Scenario: then cannot name a task of another list
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {do: [{inner: {set: {x: 1}, then: b}}]}
      - b: {set: {y: 1}}
    """
    Then the definition should be refused with DSL0402

  @flow-exit-list
  Scenario: exit leaves the list and goes on behind the task around it
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - outer:
          do:
            - a: {set: {path: [a]}, then: exit}
            - b: {set: {path: '${ .path + ["b"] }'}}
      - c: {set: {path: '${ .path + ["c"] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    path: [a, c]
    """
    And b should not run

  @flow-exit-top
  Scenario: exit at the top ends the workflow
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {x: 1}, then: exit}
      - b: {set: {x: 2}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """

  @flow-end
  Scenario: end ends the workflow from inside lists
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - one:
          do:
            - two: {do: [{a: {set: {x: 1}, then: end}}, {b: {set: {x: 2}}}]}
            - c: {set: {x: 3}}
      - d: {set: {x: 4}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And a should run last

  @flow-exit-round
  Scenario: exit in the list of a for ends the round
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - loop:
          for: {in: '${ [1, 2, 3] }'}
          do:
            - add: {set: {seen: '${ (.seen // []) + [$item] }'}}
            - odd: {if: $item % 2 == 1, set: {seen: '${ .seen }', odd: true}, then: exit}
            - even: {set: {seen: '${ .seen + ["even"] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    seen: [1, 2, even, 3]
    odd: true
    """
    And even should run once

  @flow-end-for
  Scenario: end in the list of a for ends the workflow
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - loop:
          for: {in: '${ [1, 2, 3] }'}
          do:
            - a: {set: {n: '${ $item }'}}
            - stop: {if: $item == 2, set: {n: '${ .n }', stopped: true}, then: end}
      - after: {set: {no: true}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 2
    stopped: true
    """
    And a should run 2 times

  @if-false
  Scenario: A task whose if is false is skipped
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
      - b: {if: .x > 1, set: {x: 2}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And b should be skipped
    And b should not run

  @if-then
  Scenario: A skipped task goes on with the next task whatever its own then
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
      - b: {if: 'false', set: {x: 2}, then: end}
      - c: {set: {x: '${ .x + 10 }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 11
    """

  @if-output
  Scenario: The output of a skipped task is its raw input
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
      - b: {if: 'false', input: {from: .x}, set: {y: 1}, output: {as: '{z: .}'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """

  @if-bare
  Scenario Outline: if takes the expression written as <form>
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {if: '<form>', set: {ran: true}}
    """
    And given the workflow input is:
    """yaml
    go: true
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ran: true
    """
    Examples:
      | form       |
      | .go        |
      | ${ .go }   |
      | ${.go}     |

  @if-truth
  Scenario Outline: if counts <value> as <truth>
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {if: '<value>', set: {ran: true}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    <output>
    """
    Examples:
      | value | truth | output      |
      | null  | false | {}          |
      | false | false | {}          |
      | true  | true  | {ran: true} |

  Scenario: An if that fails faults the task with an expression error
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {if: .x.y.z, set: {ran: true}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    status: 400
    instance: /do/0/a
    """

  @switch-first
  Scenario: A switch takes the first case that is true
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s:
          switch:
            - big: {when: .n > 100, then: a}
            - some: {when: .n > 1, then: b}
            - any: {when: .n > 0, then: a}
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
    """
    And given the workflow input is:
    """yaml
    n: 50
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: b
    """

  @switch-default
  Scenario: A default that stands first is taken only when no case is true
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s:
          switch:
            - otherwise: {then: a}
            - one: {when: .n == 1, then: b}
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: b
    """

  @switch-none
  Scenario: A switch in which nothing matches goes on with its own then
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s:
          switch:
            - one: {when: .n == 1, then: a}
          then: b
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
    """
    And given the workflow input is:
    """yaml
    n: 2
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: b
    """

  @switch-next
  Scenario: A switch in which nothing matches goes on with the next task
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s:
          switch:
            - one: {when: .n == 1, then: b}
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
    """
    And given the workflow input is:
    """yaml
    n: 2
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: a
    """

  @switch-two-defaults
  Scenario: A switch with two defaults is refused
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s:
          switch:
            - one: {then: end}
            - two: {then: exit}
    """
    Then the definition should be refused with DSL0405

  Scenario: A switch hands its input on
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - s: {switch: [{one: {when: .n == 1, then: end}}]}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 1
    """

  Scenario: A case of a switch leads out of its list with exit
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - list:
          do:
            - s: {switch: [{one: {when: .n == 1, then: exit}}]}
            - never: {set: {no: true}}
      - last: {set: {yes: true}}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    'yes': true
    """
    And never should not run

  @flow-endless
  Scenario: A loop of thens without a way out is refused
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
      - b: {set: {x: 2}, then: a}
    """
    Then the definition should be refused with DSL0404

  Scenario: A loop of thens with a wait in it is accepted
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - a: {wait: {seconds: 1}}
      - b: {set: {x: 2}, then: a}
    """
    When the workflow is started
    And 10 seconds pass
    Then the workflow should be waiting
    And b should run 10 times
    And b should run at the seconds '1, 2, 3, 4, 5, 6, 7, 8, 9, 10'

  @fork-exit
  Scenario: exit in a branch ends that branch alone
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - one: {do: [{a: {set: {x: 1}, then: exit}}, {b: {set: {x: 2}}}]}
              - two: {set: {y: 1}, then: exit}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - x: 1
    - y: 1
    """

  @fork-end
  Scenario: end in a branch ends the workflow and cancels the other branches
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - f:
          fork:
            branches:
              - slow: {wait: {hours: 1}}
              - quick: {set: {x: 1}, then: end}
      - after: {set: {no: true}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And slow should be cancelled
    And after should not run
    And the workflow should have ended after 0 seconds

  @fork-then
  Scenario: then in a branch cannot name another branch
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - f: {fork: {branches: [{a: {set: {x: 1}, then: b}}, {b: {set: {y: 1}}}]}}
    """
    Then the definition should be refused with DSL0402

  Scenario: The output of a list is that of its last task
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - list: {do: [{a: {set: {x: 1}}}, {b: {set: {y: '${ .x + 1 }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    y: 2
    """

  Scenario: A wait hands its input on
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: flow, version: '1.0.0'}
    do:
      - w: {wait: {minutes: 5}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And the workflow should have ended after 300 seconds
