Feature: Lifecycle events
  What becomes of executions is told as events, to those that listen for them by type.

  @lifecycle-schedule
  Scenario: A workflow starts when another one has completed
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: test, name: audit, version: '1.0.0'}
    schedule: {on: {one: {with: {type: io.serverlessworkflow.workflow.completed.v1}}}, read: envelope}
    do:
      - a: {listen: {to: {one: {with: {type: never}}}}}
    """
    When the workflow is published
    And given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: test, name: work, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
    """
    And the workflow is executed
    Then 1 executions of 'audit' should have started

  @lifecycle-task
  Scenario: A workflow listens for the fault of a task of another one
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: test, name: risky, version: '1.0.0'}
    do:
      - pause: {wait: PT1S}
      - break: {raise: {error: {type: https://errors.example.com/broken, status: 500}}}
    """
    And a workflow with definition:
    """yaml
    do:
      - start: {run: {workflow: {namespace: test, name: risky, version: '1.0.0'}, await: false}}
      - hear: {listen: {to: {one: {with: {type: io.serverlessworkflow.task.faulted.v1}}}}, output: {as: '.[0] | {task, type: .error.type}'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    task: /do/1/break
    type: https://errors.example.com/broken
    """

  @lifecycle-by-type
  Scenario: A listener for every event does not mean them
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: test, name: quiet, version: '1.0.0'}
    do:
      - a: {set: {x: 1}}
    """
    And a workflow with definition:
    """yaml
    do:
      - start: {run: {workflow: {namespace: test, name: quiet, version: '1.0.0'}, await: false}}
      - hear: {listen: {to: {any: []}}}
    """
    When the workflow is executed
    Then the workflow should be waiting
