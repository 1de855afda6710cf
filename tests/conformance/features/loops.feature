Feature: For
  Rounds one after the other over a list.

  @for-round-input
  Scenario: Each round's output is the next round's input and the last one's the output
    Given a workflow with definition:
    """yaml
    do:
      - l:
          for: {in: '${ [1, 2, 3] }'}
          do: [{a: {set: {sum: '${ (.sum // 0) + $item }'}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    sum: 6
    """

  @for-empty
  Scenario: With no rounds the output is the task's input
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: .list}, do: [{a: {set: {no: true}}}]}
    """
    And given the workflow input is:
    """yaml
    list: []
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    list: []
    """
    And a should not run

  @for-names
  Scenario: each and at name the variables
    Given a workflow with definition:
    """yaml
    do:
      - l:
          for: {each: color, at: place, in: '${ ["red", "green"] }'}
          do: [{a: {set: {seen: '${ (.seen // []) + ["\($place)=\($color)"] }'}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    seen: [0=red, 1=green]
    """

  @for-while
  Scenario: while is looked at before each round with the variables of that round
    Given a workflow with definition:
    """yaml
    do:
      - l:
          for: {in: '${ [1, 2, 3, 4] }'}
          while: $item < 3 and $index < 10
          do: [{a: {set: {last: '${ $item }'}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    last: 2
    """
    And a should run 2 times

  @for-while-data
  Scenario: while sees what the round before put out
    Given a workflow with definition:
    """yaml
    do:
      - l:
          for: {in: '${ [1, 2, 3, 4] }'}
          while: (.sum // 0) < 3
          do: [{a: {set: {sum: '${ (.sum // 0) + $item }'}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    sum: 3
    """

  @for-literal
  Scenario: in may be a list that holds expressions
    Given a workflow with definition:
    """yaml
    do:
      - l:
          for: {in: [1, '${ .x }', three]}
          do: [{a: {set: {x: 0, seen: '${ (.seen // []) + [$item] }'}}}]
          output: {as: .seen}
    """
    And given the workflow input is:
    """yaml
    x: 2
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    [1, 2, three]
    """

  @for-not-a-list
  Scenario Outline: in that gives <value> is an error of type expression
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ <value> }'}, do: [{a: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    instance: /do/0/l
    """
    Examples:
      | value  |
      | null   |
      | {a: 1} |
      | "text" |

  @for-scope
  Scenario: The variables of a loop do not exist behind it
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [1] }'}, do: [{a: {set: {ok: 1}}}]}
      - b: {set: {x: '${ $item }'}}
    """
    Then the definition should be refused with DSL0302

  Scenario: The variables of a loop do not exist in its output
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [1] }'}, do: [{a: {set: {ok: 1}}}], output: {as: $item}}
    """
    Then the definition should be refused with DSL0302

  @for-nested
  Scenario: An inner loop hides the variable of the same name and gives it back
    Given a workflow with definition:
    """yaml
    do:
      - outer:
          for: {in: '${ ["a", "b"] }'}
          do:
            - inner:
                for: {in: '${ [1, 2] }'}
                do: [{x: {set: {seen: '${ (.seen // []) + [$item] }'}}}]
            - y: {set: {seen: '${ .seen + [$item] }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    seen: [1, 2, a, 1, 2, b]
    """

  @for-sequential
  Scenario: Rounds run one after the other
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [1, 2, 3] }'}, do: [{w: {wait: {seconds: 2}}}]}
    """
    When the workflow is executed
    Then w should run at the seconds '0, 2, 4'
    And the workflow should have ended after 6 seconds

  Scenario: A fault in a round ends the loop
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [1, 0, 2] }'}, do: [{a: {set: {x: '${ 1 / $item }'}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    instance: /do/0/l/do/0/a
    """
    And a should run 2 times

  Scenario: A loop of ten thousand rounds completes
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [range(10000)] }'}, do: [{a: {set: {n: '${ (.n // 0) + 1 }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 10000
    """
