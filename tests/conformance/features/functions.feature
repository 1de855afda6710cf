Feature: Functions
  Tasks with a name that others call.

  @function-input
  Scenario: A function runs with what with gives as its raw input
    Given a workflow with definition:
    """yaml
    use:
      functions:
        double: {set: {twice: '${ .n * 2 }'}}
    do:
      - a: {call: double, with: {n: '${ .x }'}}
    """
    And given the workflow input is:
    """yaml
    x: 21
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    twice: 42
    """

  @function-no-with
  Scenario: Without with a function gets an empty object
    Given a workflow with definition:
    """yaml
    use: {functions: {look: {set: {got: '${ . }'}}}}
    do:
      - a: {call: look}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {}
    """

  @function-input-from
  Scenario: A function's own input from works on what with gives
    Given a workflow with definition:
    """yaml
    use: {functions: {inner: {input: {schema: {document: {required: [n]}}, from: .n}, set: {got: '${ . }'}, output: {as: .got}}}}
    do:
      - a: {call: inner, with: {n: 5}, output: {as: '{out: .}'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    out: 5
    """

  @function-schema
  Scenario: Arguments that do not fit the function's schema fault
    Given a workflow with definition:
    """yaml
    use: {functions: {inner: {input: {schema: {document: {required: [n]}}}, set: {got: '${ . }'}}}}
    do:
      - a: {call: inner, with: {m: 5}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    instance: /use/functions/inner
    """

  @function-context
  Scenario: A function sees the context and what it exports counts
    Given a workflow with definition:
    """yaml
    use: {functions: {count: {set: {n: '${ ($context.n // 0) + 1 }'}, export: {as: .}}}}
    do:
      - a: {call: count}
      - b: {call: count}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    n: 2
    """

  @function-scope
  Scenario: A function does not see the loop variables of its caller
    Given a workflow with definition:
    """yaml
    use: {functions: {peek: {set: {x: '${ $item }'}}}}
    do:
      - l: {for: {in: '${ [1] }'}, do: [{a: {call: peek}}]}
    """
    Then the definition should be refused with DSL0302

  @function-nested
  Scenario: A function may be a list and call another
    Given a workflow with definition:
    """yaml
    use:
      functions:
        inc: {set: {n: '${ .n + 1 }'}}
        twice: {do: [{one: {call: inc, with: {n: '${ .n }'}}}, {two: {call: inc, with: {n: '${ .n }'}}}]}
    do:
      - a: {call: twice, with: {n: 1}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    n: 3
    """

  @function-recursive
  Scenario: A function that calls itself is refused
    Given a workflow with definition:
    """yaml
    use: {functions: {again: {call: again}}}
    do:
      - a: {call: again}
    """
    Then the definition should be refused with DSL0506

  @function-fault
  Scenario: A fault of a function can be caught around its call
    Given a workflow with definition:
    """yaml
    use: {functions: {bad: {raise: {error: {type: 'https://example.com/bad', status: 500}}}}}
    do:
      - t: {try: [{a: {call: bad}}], catch: {do: [{c: {set: {instance: '${ $error.instance }'}}}]}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    instance: /use/functions/bad
    """

  @function-end
  Scenario: The then of a call leads on behind the function
    Given a workflow with definition:
    """yaml
    use: {functions: {f: {set: {x: 1}}}}
    do:
      - a: {call: f, then: c}
      - b: {set: {x: 2}}
      - c: {set: {x: '${ .x + 10 }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 11
    """

  @function-unknown
  Scenario: A call of a function that does not exist is refused
    Given a workflow with definition:
    """yaml
    do:
      - a: {call: nothing}
    """
    Then the definition should be refused with DSL0501

  @function-standard
  Scenario: A function with the name of a standard call gives a warning and is never called
    Given a workflow with definition:
    """yaml
    use: {functions: {http: {set: {x: 1}}}}
    do:
      - a: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
    """
    Then the definition should give the warning DSL0108
    When the workflow is executed
    Then 'GET https://api.example.com/x' should receive 1 requests

  @function-timeout
  Scenario: The timeout of a call holds for the whole function
    Given a workflow with definition:
    """yaml
    use: {functions: {slow: {do: [{one: {wait: {seconds: 2}}}, {two: {wait: {seconds: 2}}}]}}}
    do:
      - a: {call: slow, timeout: {after: {seconds: 3}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/a
    """
    And the workflow should have ended after 3 seconds
