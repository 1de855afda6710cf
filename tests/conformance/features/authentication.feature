Feature: Authentication of calls
  How a call shows who it is, and what of that is written down.

  @auth-basic
  Scenario: Basic is a name and a password in Base64
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {basic: {username: ada, password: '${ $secrets.word }'}}}}}
    use: {secrets: [word]}
    """
    And given the secret 'word' is 'lovelace-1843'
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Basic YWRhOmxvdmVsYWNlLTE4NDM='
    And the journal should not contain 'lovelace-1843'
    And the journal should not contain 'YWRhOmxvdmVsYWNlLTE4NDM='

  @auth-bearer
  Scenario: Bearer is a token as it is
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {bearer: {token: '${ $secrets.token }'}}}}}
    use: {secrets: [token]}
    """
    And given the secret 'token' is 'a-long-lived-token'
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Bearer a-long-lived-token'
    And the journal should not contain 'a-long-lived-token'

  @auth-use
  Scenario: A policy of the document is used by its name
    Given a workflow with definition:
    """yaml
    use:
      secrets: [token]
      authentications: {api: {bearer: {token: '${ $secrets.token }'}}}
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {use: api}}}}
    """
    And given the secret 'token' is 'a-long-lived-token'
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Bearer a-long-lived-token'

  @auth-use-secret
  Scenario: A secret may hold the members of a policy
    Given a workflow with definition:
    """yaml
    use: {secrets: [login]}
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {basic: {use: login}}}}}
    """
    And given the secret 'login' is:
    """yaml
    username: ada
    password: lovelace-1843
    """
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Basic YWRhOmxvdmVsYWNlLTE4NDM='
    And the journal should not contain 'lovelace-1843'

  @auth-unknown
  Scenario: A policy that is not there is found when the document is compiled
    Given a workflow with definition:
    """yaml
    use: {authentications: {api: {bearer: {token: '${ $secrets.token }'}}}, secrets: [token]}
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {use: aip}}}}
    """
    Then the definition should be refused with DSL0214

  @auth-digest
  Scenario: Digest answers the challenge of the server
    Given a workflow with definition:
    """yaml
    use: {secrets: [word]}
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {digest: {username: ada, password: '${ $secrets.word }'}}}}}
    """
    And given the secret 'word' is 'lovelace-1843'
    And 'GET https://api.example.com/x' answers:
      | status | www-authenticate                                             | body      |
      | 401    | Digest realm="engine", nonce="7a3f", qop="auth", algorithm=MD5 | {}        |
      | 200    |                                                              | {ok: yes} |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ok: yes
    """
    And 'GET https://api.example.com/x' should receive 2 requests
    And the journal should not contain 'lovelace-1843'

  @auth-oauth2
  Scenario: OAuth 2 fetches a token with the client's credentials
    Given a workflow with definition:
    """yaml
    use: {secrets: [client]}
    do:
      - get:
          call: http
          with:
            method: get
            endpoint:
              uri: https://api.example.com/x
              authentication:
                oauth2:
                  authority: https://login.example.com
                  endpoints: {token: /token}
                  grant: client_credentials
                  client: {id: elevaite, secret: '${ $secrets.client }', authentication: client_secret_post}
                  scopes: [read]
    """
    And given the secret 'client' is 'the-client-secret'
    And 'POST https://login.example.com/token' answers:
      | status | body                                                                |
      | 200    | {access_token: token-of-an-hour, token_type: Bearer, expires_in: 3600} |
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Bearer token-of-an-hour'
    And the journal should not contain 'the-client-secret'
    And the journal should not contain 'token-of-an-hour'

  @auth-oauth2-refused
  Scenario: A client that the authority refuses is an error of type authentication
    Given a workflow with definition:
    """yaml
    use: {secrets: [client]}
    do:
      - get:
          call: http
          with:
            method: get
            endpoint:
              uri: https://api.example.com/x
              authentication:
                oauth2:
                  authority: https://login.example.com
                  endpoints: {token: /token}
                  grant: client_credentials
                  client: {id: elevaite, secret: '${ $secrets.client }', authentication: client_secret_post}
    """
    And given the secret 'client' is 'the-client-secret'
    And 'POST https://login.example.com/token' answers:
      | status | body                    |
      | 401    | {error: invalid_client} |
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/authentication
    status: 401
    instance: /do/0/get
    """
    And 'GET https://api.example.com/x' should receive 0 requests
    And the journal should not contain 'the-client-secret'

  @auth-oidc
  Scenario: OpenID Connect finds the address of the token in the authority's description
    Given a workflow with definition:
    """yaml
    use: {secrets: [client]}
    do:
      - get:
          call: http
          with:
            method: get
            endpoint:
              uri: https://api.example.com/x
              authentication:
                oidc:
                  authority: https://login.example.com
                  grant: client_credentials
                  client: {id: elevaite, secret: '${ $secrets.client }'}
    """
    And given the secret 'client' is 'the-client-secret'
    And 'GET https://login.example.com/.well-known/openid-configuration' answers:
      | status | body                                                                                 |
      | 200    | {issuer: 'https://login.example.com', token_endpoint: 'https://login.example.com/connect'} |
    When the workflow is executed
    Then 'GET https://login.example.com/.well-known/openid-configuration' should receive 1 requests
    And the journal should not contain 'the-client-secret'

  @auth-hidden
  Scenario: What stands in an authentication is hidden, secret or not
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {basic: {username: ada, password: '${ .word }'}}}}}
    """
    And given the workflow input is:
    """yaml
    word: ''
    """
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete
    And 'GET https://api.example.com/x' should receive the header 'authorization' with value 'Basic YWRhOg=='
    And the journal should not contain 'YWRhOg=='

  @auth-variable
  Scenario: $authorization tells the scheme and never the credential
    Given a workflow with definition:
    """yaml
    use: {secrets: [token]}
    do:
      - get:
          call: http
          with: {method: get, endpoint: {uri: 'https://api.example.com/x', authentication: {bearer: {token: '${ $secrets.token }'}}}}
          output: {as: $authorization}
    """
    And given the secret 'token' is 'a-long-lived-token'
    And 'GET https://api.example.com/x' answers:
      | status | body |
      | 200    | {}   |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    scheme: Bearer
    parameter: null
    """
