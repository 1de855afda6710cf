Feature: Schemas
  Values that fit and values that do not.

  @schema-input
  Scenario: A task whose raw input does not fit its schema faults with type validation
    Given a workflow with definition:
    """yaml
    do:
      - a:
          input: {schema: {document: {type: object, required: [x]}}, from: '{}'}
          set: {ok: 1}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    status: 400
    instance: /do/0/a
    """

  @schema-input-first
  Scenario: The input schema is of what comes before input from
    Given a workflow with definition:
    """yaml
    do:
      - a: {input: {schema: {document: {type: object}}, from: .x}, set: {got: '${ . }'}}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: 1
    """

  @schema-output
  Scenario: The output schema is of what output as has made
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}, output: {as: .x, schema: {document: {type: string}}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    instance: /do/0/a
    """

  @schema-export
  Scenario: The export schema is of the new context
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}, export: {as: .x, schema: {document: {type: object}}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    """
    And the context should be:
    """yaml
    null
    """

  @schema-workflow-input
  Scenario: A workflow whose input does not fit its schema runs no task
    Given a workflow with definition:
    """yaml
    input: {schema: {document: {type: object, required: [id]}}}
    do:
      - a: {set: {x: 1}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    status: 400
    instance: /input/schema
    """
    And a should not run

  @schema-workflow-output
  Scenario: A workflow whose output does not fit its schema faults
    Given a workflow with definition:
    """yaml
    output: {as: .x, schema: {document: {type: string}}}
    do:
      - a: {set: {x: 1}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    instance: /output/schema
    """

  @schema-caught
  Scenario: A value that does not fit its schema can be caught
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{a: {set: {x: 1}, output: {schema: {document: {required: [y]}}}}}]
          catch: {errors: {with: {status: 400}}, do: [{c: {set: {caught: true}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    caught: true
    """

  @schema-keywords
  Scenario Outline: An input of <input> <result> the schema <schema>
    Given a workflow with definition:
    """yaml
    input: {schema: {format: json, document: <schema>}}
    do:
      - a: {set: {ok: true}}
    """
    And given the workflow input is:
    """yaml
    <input>
    """
    When the workflow is executed
    Then the workflow should <end>
    Examples:
      | schema                                            | input        | result        | end      |
      | {properties: {n: {type: integer, minimum: 1}}}    | {n: 1}       | fits          | complete |
      | {properties: {n: {type: integer, minimum: 1}}}    | {n: 0}       | does not fit  | fault    |
      | {properties: {s: {pattern: '^a+$'}}}              | {s: aaa}     | fits          | complete |
      | {properties: {s: {pattern: '^a+$'}}}              | {s: aab}     | does not fit  | fault    |
      | {additionalProperties: false, properties: {a: {}}} | {b: 1}      | does not fit  | fault    |
      | {oneOf: [{required: [a]}, {required: [b]}]}       | {a: 1, b: 1} | does not fit  | fault    |

  @data-order
  Scenario: The order is if, input schema, input from, the task, output as, output schema, export
    Given a workflow with definition:
    """yaml
    do:
      - a:
          if: .raw
          input: {schema: {document: {required: [raw]}}, from: '{made: true}'}
          set: {made: '${ .made }'}
          output: {as: '{out: .made}', schema: {document: {required: [out]}}}
          export: {as: '{exported: .out}', schema: {document: {required: [exported]}}}
    """
    And given the workflow input is:
    """yaml
    raw: true
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    out: true
    """
    And the context should be:
    """yaml
    exported: true
    """

  @if-before-schema
  Scenario: A skipped task is not checked against its input schema
    Given a workflow with definition:
    """yaml
    do:
      - a: {if: 'false', input: {schema: {document: {required: [no]}}}, set: {ok: 1}}
    """
    When the workflow is executed
    Then the workflow should complete

