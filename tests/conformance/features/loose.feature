Feature: Loose mode
  With `evaluate.mode: loose` every text is tried as an expression.

  @loose-tried
  Scenario Outline: <text> is <value>
    Given a workflow with definition:
    """yaml
    evaluate: {mode: loose}
    do:
      - a: {set: {x: '<text>'}}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: <value>
    """

    Examples:
      | text          | value            |
      | .n + 1        | 2                |
      | ${ .n + 1 }   | 2                |
      | 5             | 5                |
      | hello         | hello            |
      | Hello, Ada!   | "Hello, Ada!"    |
      | .n \| keys    | ".n \| keys"     |
      | $nowhere      | $nowhere         |

  @loose-wrapped
  Scenario: What is wrapped and fails is an error in this mode, too
    Given a workflow with definition:
    """yaml
    evaluate: {mode: loose}
    do:
      - a: {set: {x: '${ .n | keys }'}}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    """

  @loose-data
  Scenario: Text in data is not tried
    Given a workflow with definition:
    """yaml
    evaluate: {mode: loose}
    do:
      - a: {set: {x: .text}}
    """
    And given the workflow input is:
    """yaml
    text: .text
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: .text
    """

  @loose-words
  Scenario: Words of the language and texts of event filters are not tried
    Given a workflow with definition:
    """yaml
    evaluate: {mode: loose}
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', output: content}}
      - hear: {listen: {to: {one: {with: {type: now}}}}}
    """
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    And the event is published:
    """yaml
    type: now
    data: {n: 1}
    """
    Then the workflow should complete with output:
    """yaml
    - n: 1
    """
