Feature: Try, catch and retry
  Which errors are caught, how often and when the body runs again, and what comes out.

  @try-ok
  Scenario: A try without an error hands on what its list gives
    Given a workflow with definition:
    """yaml
    do:
      - t: {try: [{a: {set: {x: 1}}}], catch: {do: [{c: {set: {caught: true}}}]}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And c should not run

  @catch-output
  Scenario: The output of a caught try is that of catch do
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {do: [{c: {set: {caught: '${ $error.type }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    caught: https://example.com/e
    """

  @catch-no-do
  Scenario: The output of a caught try without catch do is its input
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{a: {set: {lost: true}}}, {r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """

  @catch-do-input
  Scenario: catch do begins with the input of the try
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{a: {set: {lost: true}}}, {r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {do: [{c: {set: {got: '${ . }'}}}]}
    """
    And given the workflow input is:
    """yaml
    x: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {x: 1}
    """

  @catch-as
  Scenario: catch as names the variable of the error
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 418, title: Tea}}}}]
          catch: {as: oops, do: [{c: {set: {title: '${ $oops.title }', status: '${ $oops.status }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    title: Tea
    status: 418
    """

  @catch-with
  Scenario Outline: An error filter with <filter> <result> the error
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500, title: Bad}}}}]
          catch: {errors: {with: <filter>}, do: [{c: {set: {caught: true}}}]}
    """
    When the workflow is executed
    Then the workflow should <end>
    Examples:
      | filter                                          | result         | end      |
      | {status: 500}                                   | catches        | complete |
      | {status: 501}                                   | does not catch | fault    |
      | {type: 'https://example.com/e'}                 | catches        | complete |
      | {type: 'https://example.com/f'}                 | does not catch | fault    |
      | {title: Bad, status: 500}                       | catches        | complete |
      | {title: Good, status: 500}                      | does not catch | fault    |
      | {instance: /do/0/t/try/0/r}                     | catches        | complete |
      | {detail: none}                                  | does not catch | fault    |

  @catch-when
  Scenario Outline: when <when> and exceptWhen <except> <result> the error
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {when: '<when>', exceptWhen: '<except>', do: [{c: {set: {caught: true}}}]}
    """
    When the workflow is executed
    Then the workflow should <end>
    Examples:
      | when                   | except                 | result    | end      |
      | $error.status == 500   | false                  | catch     | complete |
      | $error.status == 404   | false                  | let go    | fault    |
      | true                   | $error.status == 500   | release   | fault    |
      | ${ true }              | $error.status > 500    | take      | complete |

  @catch-scope
  Scenario: A try does not catch the errors of its own catch do
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {do: [{c: {raise: {error: {type: 'https://example.com/again', status: 501}}}}]}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/again
    instance: /do/0/t/catch/do/0/c
    """

  Scenario: An error that the inner try does not catch reaches the outer one
    Given a workflow with definition:
    """yaml
    do:
      - outer:
          try:
            - inner:
                try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
                catch: {errors: {with: {status: 404}}, do: [{no: {set: {by: inner}}}]}
          catch: {do: [{c: {set: {by: outer}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    by: outer
    """
    And inner should fault

  @catch-then
  Scenario: catch then says where a caught error leads
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {then: c}
          then: b
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
      - c: {set: {to: c}, then: end}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: c
    """

  @catch-own-then
  Scenario: Without catch then a caught error leads where the try leads
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch: {}
          then: b
      - a: {set: {to: a}, then: end}
      - b: {set: {to: b}, then: end}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: b
    """

  Scenario: catch then is not followed without an error
    Given a workflow with definition:
    """yaml
    do:
      - t: {try: [{a: {set: {x: 1}}}], catch: {then: end}}
      - b: {set: {to: b}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: b
    """

  @retry-count
  Scenario Outline: A count of <count> is at most <runs> runs
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch:
            retry: {delay: {seconds: 1}, limit: {attempt: {count: <count>}}}
            do: [{c: {set: {gave: up}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    gave: up
    """
    And r should run <runs> times
    And c should run once
    Examples:
      | count | runs |
      | 0     | 1    |
      | 1     | 2    |
      | 5     | 6    |

  @retry-do-once
  Scenario: catch do runs once, after the retries have run out
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch:
            retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}
            do: [{c: {set: {done: true}}}]
    """
    When the workflow is executed
    Then c should run at the seconds '2'
    And r should run at the seconds '0, 1, 2'

  @retry-only
  Scenario: A try that only retries lets the last error go on
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 1}}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/e
    status: 503
    instance: /do/0/t/try/0/r
    """
    And r should run 2 times

  @retry-only
  Scenario: A try that only retries lets the last error go on, wherever it leads itself
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 1}}}}
          then: end
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/e
    status: 503
    instance: /do/0/t/try/0/r
    """
    And r should run 2 times

  @retry-heals
  Scenario: A run that succeeds ends the retries
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try:
            - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
          catch: {errors: {with: {status: 503}}, retry: {delay: {seconds: 2}, limit: {attempt: {count: 5}}}}
    """
    And 'GET https://api.example.com/x' answers:
      | status | body      |
      | 503    |           |
      | 503    |           |
      | 200    | {ok: yes} |
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ok: 'yes'
    """
    And get should run at the seconds '0, 2, 4'
    And 'GET https://api.example.com/x' should receive 3 requests

  @retry-other-error
  Scenario: An error that is not caught is not retried
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try:
            - get: {call: http, with: {method: get, endpoint: 'https://api.example.com/x'}}
          catch: {errors: {with: {status: 503}}, retry: {delay: {seconds: 2}, limit: {attempt: {count: 5}}}}
    """
    And 'GET https://api.example.com/x' answers:
      | status |
      | 503    |
      | 500    |
    When the workflow is executed
    Then the workflow should fault
    And get should run 2 times

  @back-off
  Scenario Outline: Back-off <backoff> waits so that the body runs at <times>
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch:
            retry: {delay: {seconds: 1}, backoff: <backoff>, limit: {attempt: {count: 4}}}
            do: [{c: {set: {ok: 1}}}]
    """
    When the workflow is executed
    Then r should run at the seconds '<times>'
    Examples:
      | backoff                                    | times          |
      | {constant: {}}                             | 0, 1, 2, 3, 4  |
      | {linear: {}}                               | 0, 1, 3, 6, 10 |
      | {linear: {increment: {seconds: 2}}}        | 0, 1, 4, 9, 16 |
      | {exponential: {}}                          | 0, 1, 3, 7, 15 |
      | {exponential: {factor: 3}}                 | 0, 1, 4, 13, 40 |
      | {exponential: {max: {seconds: 3}}}         | 0, 1, 3, 6, 9  |
      | {linear: {max: {seconds: 2}}}              | 0, 1, 3, 5, 7  |

  @back-off-none
  Scenario: Without a back-off the delay is the same each time
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: PT2S, limit: {attempt: {count: 2}}}}
    """
    When the workflow is executed
    Then r should run at the seconds '0, 2, 4'

  @retry-limit-duration
  Scenario: limit duration counts from the first run and no retry starts later
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 2}, limit: {duration: {seconds: 5}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then r should run at the seconds '0, 2, 4'
    And c should run at the seconds '4'

  Scenario: A retry exactly at the end of limit duration still starts
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 2}, limit: {duration: {seconds: 4}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then r should run at the seconds '0, 2, 4'

  @retry-attempt-duration
  Scenario: limit attempt duration times out a run and the same try catches it
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{w: {wait: {seconds: 10}}}]
          catch:
            retry: {delay: {seconds: 1}, limit: {attempt: {count: 1, duration: {seconds: 3}}}}
            do: [{c: {set: {type: '${ $error.type }', status: '${ $error.status }'}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
    status: 408
    """
    And w should run at the seconds '0, 4'
    And w should be cancelled
    And the workflow should have ended after 7 seconds

  Scenario: A run that is quick enough is not timed out
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{w: {wait: {seconds: 2}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 1, duration: {seconds: 3}}}}}
      - after: {wait: {seconds: 10}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow should have ended after 12 seconds

  @retry-when
  Scenario: retry when and exceptWhen decide about retrying alone
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch:
            retry: {when: '$error.status == 503', delay: {seconds: 1}, limit: {attempt: {count: 3}}}
            do: [{c: {set: {caught: true}}}]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    caught: true
    """
    And r should run once

  Scenario: retry exceptWhen stops the retries
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch:
            retry: {exceptWhen: '${ $error.status == 500 }', delay: {seconds: 1}, limit: {attempt: {count: 3}}}
            do: [{c: {set: {caught: true}}}]
    """
    When the workflow is executed
    Then r should run once
    And c should run once

  @retry-use
  Scenario: A retry policy is named under use
    Given a workflow with definition:
    """yaml
    use:
      retries:
        twice: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: twice, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then r should run at the seconds '0, 1, 2'

  @retry-body-anew
  Scenario: Each run of the body begins with the input of the try
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try:
            - count: {set: {n: '${ .n + 1 }'}, export: {as: '($context // []) + [.n]'}}
            - r: {raise: {error: {type: 'https://example.com/e', status: 503}}}
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}, do: [{c: {set: {ok: 1}}}]}
    """
    And given the workflow input is:
    """yaml
    n: 0
    """
    When the workflow is executed
    Then the context should be:
    """yaml
    [1, 1, 1]
    """

  @retry-unlimited
  Scenario: A retry without any limit gives a warning and goes on for ever
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {minutes: 1}}}
    """
    Then the definition should give the warning DSL0408
    When the workflow is started
    And 1 hour passes
    Then the workflow should be waiting
    And r should run 61 times

  @retry-jitter
  Scenario: Jitter adds a time between from and to
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 1}, jitter: {from: {seconds: 2}, to: {seconds: 2}}, limit: {attempt: {count: 2}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then r should run at the seconds '0, 3, 6'

  @error-spelling
  Scenario Outline: A standard error is caught by its type spelled <type>
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{a: {set: '${ error("x") }'}}]
          catch: {errors: {with: {type: '<type>'}}, do: [{c: {set: {type: '${ $error.type }'}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    """
    Examples:
      | type                                                                     |
      | https://serverlessworkflow.io/spec/1.0.0/errors/expression               |
      | https://serverlessworkflow.io/spec/1.0.3/errors/expression               |
      | https://open-workflow-specification.org/spec/1.0.0/errors/expression     |
      | https://open-workflow-specification.org/dsl/errors/types/expression      |

  @error-raise-spelling
  Scenario: A raised standard error has the type in its normal form
    Given a workflow with definition:
    """yaml
    do:
      - r: {raise: {error: {type: 'https://serverlessworkflow.io/spec/1.0.3/errors/timeout', status: 408}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
    """

  @error-other
  Scenario: Other types are compared as they are
    Given a workflow with definition:
    """yaml
    do:
      - t:
          try: [{r: {raise: {error: {type: 'https://example.com/errors/timeout', status: 408}}}}]
          catch: {errors: {with: {type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout'}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then the workflow should fault

  @raise-use
  Scenario: An error is raised by its name under use
    Given a workflow with definition:
    """yaml
    use:
      errors:
        teapot: {type: 'https://example.com/teapot', status: 418, title: Short and stout}
    do:
      - r: {raise: {error: teapot}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/teapot
    status: 418
    title: Short and stout
    instance: /do/0/r
    """

  @raise-expression
  Scenario: The members of a raised error may be expressions
    Given a workflow with definition:
    """yaml
    do:
      - r: {raise: {error: {type: 'https://example.com/e', status: 400, title: '${ "No \(.x)" }', detail: '${ .y }'}}}
    """
    And given the workflow input is:
    """yaml
    x: pets
    y: more
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    title: No pets
    detail: more
    """

  @error-instance
  Scenario: The instance of an error is set by the runtime
    Given a workflow with definition:
    """yaml
    do:
      - r: {raise: {error: {type: 'https://example.com/e', status: 400, instance: /elsewhere}}}
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    instance: /do/0/r
    """
