Feature: Data
  Input, output, export, context and expressions.

  @input-from
  Scenario: input from makes the input of the task
    Given a workflow with definition:
    """yaml
    do:
      - a: {input: {from: '{y: .x}'}, set: {got: '${ . }', input: '${ $input }'}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {y: 1}
    input: {y: 1}
    """

  @input-from-object
  Scenario: input from may be an object that holds expressions
    Given a workflow with definition:
    """yaml
    do:
      - a: {input: {from: {y: '${ .x }', z: .x}}, set: {got: '${ . }'}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {y: 1, z: .x}
    """

  @workflow-input-from
  Scenario: The workflow's input from makes the input of the first task
    Given a workflow with definition:
    """yaml
    input: {from: .order}
    do:
      - a: {set: {id: '${ .id }', whole: '${ $workflow.input }'}}
    """
    And given the workflow input is:
    """yaml
    order: {id: 7}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    id: 7
    whole: {order: {id: 7}}
    """

  @output-as
  Scenario: output as makes the output of the task
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1, y: 2}, output: {as: .x}}
      - b: {set: {got: '${ . }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: 1
    """

  @output-as-input
  Scenario: output as sees the task's input as $input
    Given a workflow with definition:
    """yaml
    do:
      - a: {input: {from: .n}, set: {x: 1}, output: {as: '{sum: (.x + $input)}'}}
    """
    And given the workflow input is:
    """yaml
    n: 5
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    sum: 6
    """

  @workflow-output-as
  Scenario: The workflow's output as makes its output and sees the context
    Given a workflow with definition:
    """yaml
    output: {as: '{out: .x, context: $context}'}
    do:
      - a: {set: {x: 1}, export: {as: '{kept: .x}'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    out: 1
    context: {kept: 1}
    """

  @context-initial
  Scenario: The initial context is null
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {context: '${ $context }'}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    context: null
    """

  @export-replaces
  Scenario: export as replaces the context as a whole
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {ok: 1}, export: {as: '{a: 1}'}}
      - b: {set: {ok: 1}, export: {as: '{b: 2}'}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    b: 2
    """

  @export-none
  Scenario: Without export the context stays as it is
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {ok: 1}, export: {as: '{a: 1}'}}
      - b: {set: {x: 5}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    a: 1
    """

  @export-output
  Scenario: export as works on the transformed output, which is also $output
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}, output: {as: '{y: .x}'}, export: {as: '{dot: ., output: $output}'}}
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    dot: {y: 1}
    output: {y: 1}
    """

  @context-everywhere
  Scenario: The context is seen in conditions, inputs, outputs and values
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {ok: 1}, export: {as: '{n: 2}'}}
      - b: {if: $context.n == 2, input: {from: $context.n}, set: {x: '${ . + $context.n }'}, output: {as: '{x: (.x + $context.n)}'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 6
    """

  @context-not-in-input
  Scenario: The workflow's input from has no context
    Given a workflow with definition:
    """yaml
    input: {from: $context}
    do:
      - a: {set: {ok: 1}}
    """
    Then the definition should be refused with DSL0303

  @context-lists
  Scenario: What a task inside a list exports is seen outside
    Given a workflow with definition:
    """yaml
    do:
      - list: {do: [{a: {set: {ok: 1}, export: {as: '{deep: true}'}}}]}
      - b: {set: {saw: '${ $context.deep }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    saw: true
    """

  @strict-literal
  Scenario: In strict mode a bare path in a value is a literal and gives a warning
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: .input.x}}
    """
    Then the definition should give the warning DSL0307
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: .input.x
    """

  @strict-embedded
  Scenario: An expression inside a longer text is refused
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 'Hello ${ .name }'}}
    """
    Then the definition should be refused with DSL0305

  @strict-interpolation
  Scenario: A text is put together by jq's own interpolation
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ "Hello \(.name)" }'}}
    """
    And given the workflow input is:
    """yaml
    name: Ada
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: Hello Ada
    """

  @strict-dollar
  Scenario: A text that holds the signs of an expression is written as one
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ "${HOME}" }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: ${HOME}
    """

  @data-not-evaluated
  Scenario: Text in data is never evaluated
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ .given }'}}
      - b: {set: {y: '${ .x }'}}
    """
    And given the workflow input is:
    """yaml
    given: ${ 1 + 1 }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    y: ${ 1 + 1 }
    """

  @jq-first
  Scenario: The first output of an expression is its value
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {first: '${ 1, 2, 3 }', none: '${ empty }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    first: 1
    none: null
    """

  @jq-version
  Scenario Outline: jq is 1.8: <expression> is <value>
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: '${ <expression> }'}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    <value>
    """
    Examples:
      | expression                     | value        |
      | {"a": ("x" \| ltrimstr("x"))}  | {a: ''}      |
      | {"a": ([1,2] \| have_decnum \| type)} | {a: boolean} |
      | {"a": ("abc" \| trim)}         | {a: abc}     |
      | {"a": (-5 \| abs)}             | {a: 5}       |
      | {"a": ([1, [2]] \| getpath([1, 0]))} | {a: 2} |

  @jq-no-clock
  Scenario: now is the time of the step on the engine's clock
    Given the time is '2026-03-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 90}}
      - a: {set: {at: '${ now | todate }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    at: '2026-03-01T00:01:30Z'
    """

  @var-unknown
  Scenario: A variable that does not exist is refused
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ $nothing }'}}
    """
    Then the definition should be refused with DSL0302

  @var-output
  Scenario: $output exists in export only
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ $output }'}}
    """
    Then the definition should be refused with DSL0303

  @var-task
  Scenario: $task tells of the task that runs
    Given a workflow with definition:
    """yaml
    do:
      - list: {do: [{a: {set: {name: '${ $task.name }', reference: '${ $task.reference }', def: '${ $task.definition.set | type }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    name: a
    reference: /do/0/list/do/0/a
    def: object
    """

  @var-workflow
  Scenario: $workflow and $runtime tell of the execution and of the engine
    Given the time is '2026-02-03T04:05:06Z'
    And a workflow with definition:
    """yaml
    do:
      - a: {set: {name: '${ $workflow.definition.document.dsl }', at: '${ $workflow.startedAt.iso8601 }', engine: '${ $runtime.name }', id: '${ $workflow.id | type }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    name: 1.0.3
    at: '2026-02-03T04:05:06.000Z'
    engine: elevaite
    id: string
    """

  Scenario: An expression that fails faults with type expression
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: '${ .a + {} }'}}
    """
    And given the workflow input is:
    """yaml
    a: 1
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    status: 400
    instance: /do/0/a
    """

  @set-replaces
  Scenario: set replaces the data as a whole
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {y: 2}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    y: 2
    """

  @numbers-exact
  Scenario: Numbers keep their exact value on their way
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {big: '${ .big }', price: '${ .price }'}}
      - b: {set: '${ . }'}
    """
    And given the workflow input is:
    """yaml
    big: 9007199254740993
    price: 1.10
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    big: 9007199254740993
    price: 1.10
    """

  @dsl-versions
  Scenario Outline: A document of the version <version> is <result>
    Given a workflow with definition:
    """yaml
    document: {dsl: '<version>', namespace: t, name: v, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
    """
    Then the definition should be <result>
    Examples:
      | version | result                |
      | 1.0.0   | accepted              |
      | 1.0.1   | accepted              |
      | 1.0.2   | accepted              |
      | 1.0.3   | accepted              |
      | 0.8     | refused with DSL0120  |
      | 2.0.0   | refused with DSL0110  |

  @root-open
  Scenario: Keys that begin with x- are left alone at the root, others give a warning
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: open, version: '1.0.0'}
    x-mine: 1
    other: 2
    do:
      - a: {set: {x: 1}}
    """
    Then the definition should give the warning DSL0108

  @unsupported
  Scenario: What this version does not have is refused and never skipped
    Given a workflow with definition:
    """yaml
    evaluate: {language: javascript}
    do:
      - a: {set: {x: 1}}
    """
    Then the definition should be refused with DSL0106

  @endpoint-path
  Scenario: A bare jq path as an endpoint gives a warning
    Given a workflow with definition:
    """yaml
    do:
      - a: {call: http, with: {method: get, endpoint: .order.url}}
    """
    Then the definition should give the warning DSL0307

  @wrong-task
  Scenario: A task of no kind is refused for what it is
    Given a workflow with definition:
    """yaml
    do:
      - a: {sett: {x: 1}}
    """
    Then the definition should be refused with DSL0202
