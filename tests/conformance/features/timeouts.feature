Feature: Timeouts
  Of tasks, of lists, of the workflow.

  @timeout-task
  Scenario: A task that takes too long faults with type timeout
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 10}, timeout: {after: {seconds: 3}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
    status: 408
    instance: /do/0/w
    """
    And the workflow should have ended after 3 seconds

  @timeout-exact
  Scenario: A wait that ends exactly at its deadline has ended in time
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 3}, timeout: {after: {seconds: 3}}}
    """
    When the workflow is executed
    Then the workflow should complete

  @timeout-exact-list
  Scenario: A list whose last wait ends exactly at the deadline of the list has ended in time
    Given a workflow with definition:
    """yaml
    do:
      - list:
          do: [{a: {wait: {seconds: 1}}}, {b: {wait: {seconds: 2}}}]
          timeout: {after: {seconds: 3}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow should have ended after 3 seconds

  @timeout-exact-workflow
  Scenario: A workflow whose last wait ends exactly at its deadline has ended in time
    Given a workflow with definition:
    """yaml
    timeout: {after: {seconds: 3}}
    do:
      - a: {wait: {seconds: 3}}
    """
    When the workflow is executed
    Then the workflow should complete

  @timeout-inside
  Scenario: A timeout cancels what runs inside
    Given a workflow with definition:
    """yaml
    do:
      - list:
          do:
            - f: {fork: {branches: [{a: {wait: {hours: 1}}}, {b: {do: [{c: {wait: {hours: 2}}}]}}]}}
          timeout: {after: {seconds: 5}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/list
    """
    And a should be cancelled
    And c should be cancelled
    And f should be cancelled

  @timeout-caught
  Scenario: A timeout can be caught
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{w: {wait: {seconds: 10}, timeout: {after: PT1S}}}]
          catch:
            errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout'}}
            do: [{c: {set: {late: true}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    late: true
    """

  @timeout-retried
  Scenario: The timeout of a task runs anew with each retry
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{w: {wait: {seconds: 10}, timeout: {after: {seconds: 2}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then w should run at the seconds '0, 3, 6'
    And c should run at the seconds '8'

  @timeout-try
  Scenario: The timeout of a try is not caught by that try
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{w: {wait: {seconds: 10}}}]
          catch: {do: [{c: {set: {ok: 1}}}]}
          timeout: {after: {seconds: 2}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/t
    """
    And c should not run

  @timeout-retry-delay
  Scenario: The timeout of a try also ends the time between retries
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {minutes: 1}, limit: {attempt: {count: 5}}}}
          timeout: {after: {seconds: 90}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    """
    And r should run at the seconds '0, 60'
    And the workflow should have ended after 90 seconds

  @timeout-workflow
  Scenario: A workflow that takes too long faults with the instance /timeout
    Given a workflow with definition:
    """yaml
    timeout: {after: {seconds: 5}}
    do:
      - t:
          try: [{w: {wait: {seconds: 10}}}]
          catch: {do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
    status: 408
    instance: /timeout
    """
    And w should be cancelled
    And c should not run

  @timeout-use
  Scenario: A timeout is named under use
    Given a workflow with definition:
    """yaml
    use: {timeouts: {short: {after: {seconds: 2}}}}
    do:
      - w: {wait: {seconds: 10}, timeout: short}
    """
    When the workflow is executed
    Then the workflow should fault
    And the workflow should have ended after 2 seconds

  @timeout-computed
  Scenario: A timeout may be computed from the task's raw input
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 10}, timeout: {after: '${ .limit }'}}
    """
    And given the workflow input is:
    """yaml
    limit: PT4S
    """
    When the workflow is executed
    Then the workflow should fault
    And the workflow should have ended after 4 seconds

  @timeout-call
  Scenario: A call that is never answered times out
    Given a workflow with definition:
    """yaml
    do:
      - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}, timeout: {after: {seconds: 30}}}
    """
    And 'GET https://api.example.com/x' answers:
      | status |
      | never  |
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/get
    """
    And the workflow should have ended after 30 seconds

  @timeout-listen
  Scenario: A listen that hears nothing times out
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a.b}}}}, timeout: {after: {seconds: 30}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/l
    """

  Scenario: A task that ends in time leaves no timer behind
    Given a workflow with definition:
    """yaml
    do:
      - a: {wait: {seconds: 1}, timeout: {after: {seconds: 5}}}
      - b: {wait: {seconds: 10}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow should have ended after 11 seconds

  @timeout-late
  Scenario: Timers that were due while the engine was down are made up for
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {minutes: 1}}
      - s: {set: {done: true}}
    """
    When the workflow is started
    And the engine is down for 1 hour
    Then the workflow should complete with output:
    """yaml
    done: true
    """
    And s should run at the seconds '3600'

  @wait-forms
  Scenario Outline: A wait of <duration> ends after <seconds> seconds
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: <duration>}
    """
    And given the workflow input is:
    """yaml
    d: PT7S
    """
    When the workflow is executed
    Then the workflow should have ended after <seconds> seconds
    Examples:
      | duration                        | seconds |
      | {seconds: 5}                    | 5       |
      | {minutes: 1, seconds: 1}        | 61      |
      | {milliseconds: 1500}            | 1.5     |
      | PT1M30S                         | 90      |
      | P1DT1S                          | 86401   |
      | P1W                             | 604800  |
      | PT0.5S                          | 0.5     |
      | '${ .d }'                       | 7       |
      | '${ {seconds: 3} }'             | 3       |

  @duration-limits
  Scenario Outline: A duration of <duration> is refused
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: <duration>}
    """
    Then the definition should be refused with <code>
    Examples:
      | duration     | code    |
      | P1M          | DSL0211 |
      | P1Y          | DSL0211 |
      | P101Y        | DSL0211 |

  Scenario: A computed duration that is none faults
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: '${ .d }'}
    """
    And given the workflow input is:
    """yaml
    d: soon
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    instance: /do/0/w
    """
