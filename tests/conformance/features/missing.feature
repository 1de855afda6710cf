Feature: What this server cannot do
  Calls and processes that the language has and this server has no connector for are compiled, and fault when they run.

  @missing-connector
  Scenario Outline: <task> is an error of type configuration
    Given a workflow with definition:
    """yaml
    do:
      - a: {set: {x: 1}}
      - b: {<task>}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/configuration
    status: 400
    instance: /do/1/b
    """
    And a should run once

    Examples:
      | task                                                                                                                          |
      | run: {script: {language: python, code: print(1)}}                                                                             |
      | run: {shell: {command: ls}}                                                                                                   |
      | run: {container: {image: alpine}}                                                                                             |
      | call: grpc, with: {proto: {endpoint: 'https://api.example.com/x.proto'}, service: {name: s, host: api.example.com}, method: m} |
      | call: mcp, with: {method: tools/list, transport: {http: {endpoint: 'https://api.example.com/mcp'}}}                           |

  @missing-caught
  Scenario: A try around it may go another way
    Given a workflow with definition:
    """yaml
    do:
      - a:
          try: [{b: {run: {shell: {command: ls}}}}]
          catch: {errors: {with: {type: https://open-workflow-specification.org/spec/1.0.0/errors/configuration}}, do: [{c: {set: {x: other}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: other
    """

  @process-code
  Scenario: In code only a text that is an expression as a whole is one
    Given a workflow with definition:
    """yaml
    do:
      - a: {run: {shell: {command: 'echo ${HOME} and ${PATH}'}}}
    """
    Then the definition should be accepted
