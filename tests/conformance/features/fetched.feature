Feature: What is fetched at publication
  Functions of catalogs and schemas at an address: they are read once, when the workflow is published.

  @catalog-function
  Scenario: A function of a catalog is the file under the catalog's endpoint
    Given 'https://catalog.example.com/functions/greet/1.0.0/function.yaml' holds:
    """yaml
    input: {schema: {document: {required: [name]}}}
    set: {greeting: '${ "Hello, \(.name)" }'}
    """
    And a workflow with definition:
    """yaml
    use: {catalogs: {house: {endpoint: 'https://catalog.example.com'}}}
    do:
      - a: {call: 'greet:1.0.0@house', with: {name: Ada}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    greeting: Hello, Ada
    """

  @catalog-address
  Scenario: A function may be named by its address
    Given 'https://raw.githubusercontent.com/open/functions/main/one.yaml' holds:
    """yaml
    set: {one: 1}
    """
    And a workflow with definition:
    """yaml
    do:
      - a: {call: 'https://github.com/open/functions/blob/main/one.yaml'}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    one: 1
    """

  @catalog-unknown
  Scenario: A catalog that the document does not name is refused
    Given a workflow with definition:
    """yaml
    use: {catalogs: {house: {endpoint: 'https://catalog.example.com'}}}
    do:
      - a: {call: 'greet:1.0.0@horse', with: {name: Ada}}
    """
    Then the definition should be refused with DSL0214

  @catalog-not-fetched
  Scenario: What could not be fetched is refused
    Given a workflow with definition:
    """yaml
    use: {catalogs: {house: {endpoint: 'https://catalog.example.com'}}}
    do:
      - a: {call: 'greet:1.0.0@house', with: {name: Ada}}
    """
    Then the definition should be refused with DSL0507

  @catalog-alone
  Scenario: A fetched function does not see the functions of the workflow
    Given 'https://catalog.example.com/functions/greet/1.0.0/function.yaml' holds:
    """yaml
    call: mine
    """
    And a workflow with definition:
    """yaml
    use:
      catalogs: {house: {endpoint: 'https://catalog.example.com'}}
      functions: {mine: {set: {x: 1}}}
    do:
      - a: {call: 'greet:1.0.0@house'}
    """
    Then the definition should be refused with DSL0509

  @catalog-error
  Scenario: The error of a fetched function has its place in the fetched document
    Given 'https://catalog.example.com/functions/break/1.0.0/function.yaml' holds:
    """yaml
    raise: {error: {type: https://errors.example.com/broken, status: 500}}
    """
    And a workflow with definition:
    """yaml
    use: {catalogs: {house: {endpoint: 'https://catalog.example.com'}}}
    do:
      - a: {call: 'break:1.0.0@house'}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://errors.example.com/broken
    """

  @schema-fetched
  Scenario: A schema may be published at an address, and refer to others
    Given 'https://schemas.example.com/order.json' holds:
    """json
    {"properties": {"id": {"$ref": "id.json"}}, "required": ["id"]}
    """
    And given 'https://schemas.example.com/id.json' holds:
    """json
    {"type": "integer"}
    """
    And a workflow with definition:
    """yaml
    input: {schema: {resource: {endpoint: 'https://schemas.example.com/order.json'}}}
    do:
      - a: {set: {x: 1}}
    """
    And given the workflow input is:
    """yaml
    id: seven
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    status: 400
    """

  @schema-ref
  Scenario: A $ref to an address inside a schema of the document is fetched as well
    Given 'https://schemas.example.com/id.json' holds:
    """json
    {"type": "integer"}
    """
    And a workflow with definition:
    """yaml
    input: {schema: {document: {properties: {id: {$ref: 'https://schemas.example.com/id.json'}}}}}
    do:
      - a: {set: {x: 1}}
    """
    And given the workflow input is:
    """yaml
    id: 7
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
