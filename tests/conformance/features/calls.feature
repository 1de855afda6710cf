Feature: Calls and secrets
  What http calls send and give, and what of secrets is never written down.

  @http-get
  Scenario: A get gives the content of the answer
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/items/{id}', query: {page: '${ .page }'}, headers: {x-trace: abc}}}
    """
    And given the workflow input is:
    """yaml
    id: 7
    page: 2
    """
    And 'GET https://api.example.com/items/7' answers:
      | status | body         |
      | 200    | {name: seven} |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    name: seven
    """
    And 'GET https://api.example.com/items/7' should receive the query 'page=2'
    And 'GET https://api.example.com/items/7' should receive the header 'x-trace' with value 'abc'

  @http-post
  Scenario: A post sends its body as JSON
    Given a workflow with definition:
    """yaml
    do:
      - post: {call: http, with: {method: post, endpoint: 'https://api.example.com/items', body: {name: '${ .name }'}}}
    """
    And given the workflow input is:
    """yaml
    name: Ada
    """
    And 'POST https://api.example.com/items' answers:
      | status | body    |
      | 201    | {id: 1} |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    id: 1
    """
    And 'POST https://api.example.com/items' should receive the body:
    """yaml
    name: Ada
    """
    And 'POST https://api.example.com/items' should receive the header 'content-type' with value 'application/json'

  @http-status
  Scenario Outline: An answer of <status> is an error of type communication with that status
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
    """
    And 'GET https://api.example.com/x' answers:
      | status   |
      | <status> |
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/communication
    status: <status>
    instance: /do/0/get
    """
    Examples:
      | status |
      | 400    |
      | 404    |
      | 500    |
      | 302    |

  @http-response
  Scenario: output response gives status, headers and content
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', output: response}, output: {as: '[.statusCode, .headers["x-kind"], .content.a]'}}
    """
    And 'GET https://api.example.com/x' answers:
      | status | body   | x-kind |
      | 200    | {a: 1} | test   |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    [200, test, 1]
    """

  @http-raw
  Scenario: output raw gives the content in base64
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', output: raw}, output: {as: '@base64d'}}
    """
    And 'GET https://api.example.com/x' answers:
      | text  |
      | hello |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    hello
    """

  @http-text
  Scenario: Content that is no JSON is a text
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
    """
    And 'GET https://api.example.com/x' answers:
      | text  |
      | hello |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    hello
    """

  @uri-encode
  Scenario: What is put into an endpoint is percent-encoded
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/items/{name}'}}
    """
    And given the workflow input is:
    """yaml
    name: a b
    """
    And 'GET https://api.example.com/items/a b' answers:
      | body    |
      | {ok: 1} |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ok: 1
    """

  @endpoint-expression
  Scenario: An endpoint may be computed
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: '${ "https://api.example.com/\(.path)" }'}}
    """
    And given the workflow input is:
    """yaml
    path: y
    """
    And 'GET https://api.example.com/y' answers:
      | body    |
      | {ok: 1} |
    When the workflow is executed
    Then the workflow should complete

  Scenario: A call hands its whole input to nobody and gives its answer as data
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}, output: {as: '{answer: ., was: $input.n}'}}
    """
    And given the workflow input is:
    """yaml
    n: 3
    """
    And 'GET https://api.example.com/x' answers:
      | body |
      | [1]  |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    answer: [1]
    was: 3
    """

  @call-cancelled
  Scenario: A call of a branch that lost is cancelled
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            compete: true
            branches:
              - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
              - clock: {do: [{w: {wait: {seconds: 5}}}, {s: {set: {late: true}}}]}
    """
    And 'GET https://api.example.com/x' answers:
      | status |
      | never  |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    late: true
    """
    And get should be cancelled

  @call-crash
  Scenario: A call that was under way in a crash is made again
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
    """
    And 'GET https://api.example.com/x' answers:
      | status | body    |
      | never  |         |
      | 200    | {ok: 1} |
    When the workflow is started
    And the engine crashes and recovers
    Then the workflow should complete with output:
    """yaml
    ok: 1
    """
    And 'GET https://api.example.com/x' should receive 2 requests

  @secret-header
  Scenario: A secret in the arguments of a call reaches the receiver and not the journal
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', headers: {x-token: '${ $secrets.token }'}}}
    """
    And the secret 'token' is 's3cr3t-value'
    And 'GET https://api.example.com/x' answers:
      | body    |
      | {ok: 1} |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'x-token' with value 's3cr3t-value'
    And the journal should not contain 's3cr3t-value'
    And the journal should contain '(secret)'

  @secret-object
  Scenario: A secret may be an object
    Given a workflow with definition:
    """yaml
    use: {secrets: [login]}
    do:
      - post: {call: http, with: {method: post, endpoint: 'https://api.example.com/x', body: {user: '${ $secrets.login.user }', password: '${ $secrets.login.password }'}}}
    """
    And the secret 'login' is:
    """yaml
    {user: ada, password: hunter22}
    """
    And 'POST https://api.example.com/x' answers:
      | body    |
      | {ok: 1} |
    When the workflow is executed
    Then 'POST https://api.example.com/x' should receive the body:
    """yaml
    {user: ada, password: hunter22}
    """
    And the journal should not contain 'hunter22'

  @secret-crash
  Scenario: After a crash a call is made with the secret again
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', headers: {x-token: '${ $secrets.token }'}}}
    """
    And the secret 'token' is 's3cr3t-value'
    And 'GET https://api.example.com/x' answers:
      | status | body    |
      | never  |         |
      | 200    | {ok: 1} |
    When the workflow is started
    And the engine crashes and recovers
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'x-token' with value 's3cr3t-value'
    And the journal should not contain 's3cr3t-value'

  @secret-missing
  Scenario: A secret that does not exist is an error of type authorization
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', headers: {x-token: '${ $secrets.token }'}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/authorization
    status: 403
    instance: /do/0/get
    """
    And 'GET https://api.example.com/x' should receive 0 requests

  @secret-unlisted
  Scenario: A secret that is not listed under use is refused
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x', headers: {x-token: '${ $secrets.other }'}}}
    """
    Then the definition should be refused with DSL0310

  @secret-place
  Scenario Outline: A secret in <place> is refused
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - a: <task>
    """
    Then the definition should be refused with DSL0309
    Examples:
      | place       | task                                                                      |
      | set         | {set: {x: '${ $secrets.token }'}}                                         |
      | emit        | {emit: {event: {with: {type: a, data: '${ $secrets.token }'}}}}           |
      | raise       | {raise: {error: {type: 'https://example.com/e', status: 400, title: '${ $secrets.token }'}}} |
      | input from  | {input: {from: $secrets.token}, set: {x: 1}}                              |
      | output as   | {set: {x: 1}, output: {as: $secrets.token}}                               |
      | export as   | {set: {x: 1}, export: {as: $secrets.token}}                               |
      | for in      | {for: {in: '${ [$secrets.token] }'}, do: [{b: {set: {x: 1}}}]}            |

  @secret-condition
  Scenario: A secret may decide in a condition
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - a: {if: .given == $secrets.token, set: {right: true}}
    """
    And given the workflow input is:
    """yaml
    given: s3cr3t-value
    """
    And the secret 'token' is 's3cr3t-value'
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    right: true
    """

  @uri-missing
  Scenario: A member that the endpoint wants and the input lacks is replaced by nothing
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/items{suffix}'}}
    """
    And 'GET https://api.example.com/items' answers:
      | body    |
      | {ok: 1} |
    When the workflow is executed
    Then the workflow should complete

  @uri-list
  Scenario: A list in an endpoint is an error of type expression
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/items/{id}'}}
    """
    And given the workflow input is:
    """yaml
    id: [1]
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    """

  @secret-literal
  Scenario: A password that is written down in the document gives a warning
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {basic: {username: ada, password: hunter22}}}}}
    """
    Then the definition should give the warning DSL0113
