Feature: Extensions
  Tasks before and after the tasks of a kind.

  @extension-order
  Scenario: before and after run around the task
    Given a workflow with definition:
    """yaml
    use:
      extensions:
        - log:
            extend: set
            before: [{b: {emit: {event: {with: {type: before, data: '${ . }'}}}}}]
            after: [{a: {emit: {event: {with: {type: after, data: '${ . }'}}}}}]
    do:
      - s: {set: {x: '${ .n + 1 }'}}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 2
    """
    And the emitted events should be:
    """yaml
    - {type: before, data: {n: 1}}
    - {type: after, data: {x: 2}}
    """

  @extension-dropped
  Scenario: What before and after put out is dropped
    Given a workflow with definition:
    """yaml
    use:
      extensions:
        - log:
            extend: wait
            before: [{b: {set: {lost: 1}}}]
            after: [{a: {set: {lost: 2}}}]
    do:
      - w: {wait: {seconds: 1}}
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
    And b should run before w
    And a should run after w

  @extension-kind
  Scenario: Only tasks of the kind are extended
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: wait, before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - s: {set: {x: 1}}
      - w: {wait: {seconds: 1}}
    """
    When the workflow is executed
    Then b should run once

  @extension-all
  Scenario: all extends tasks of every kind
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: all, before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - s: {set: {x: 1}}
      - w: {wait: {seconds: 1}}
      - d: {do: [{i: {set: {x: 2}}}]}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 2
    """
    And b should run 4 times

  @extension-when
  Scenario: An extension whose when is not true leaves the task alone
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: set, when: '.go == true', before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - s: {set: {go: true}}
      - t: {set: {x: 1}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And b should run once

  @extension-exit
  Scenario: exit in before skips the task and gives the output of before
    Given a workflow with definition:
    """yaml
    use: {extensions: [{cache: {extend: wait, before: [{hit: {set: {cached: true}, then: exit}}], after: [{a: {set: {ok: 1}}}]}}]}
    do:
      - w: {wait: {hours: 1}}
      - s: {set: {got: '${ . }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    got: {cached: true}
    """
    And w should not run
    And a should not run

  @extension-then
  Scenario: The then of an extended task still leads on
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: set, before: [{b: {wait: {seconds: 1}}}], after: [{a: {wait: {seconds: 1}}}]}}]}
    do:
      - s: {set: {x: 1}, then: u}
      - t: {set: {x: 2}}
      - u: {wait: {seconds: 1}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    x: 1
    """
    And t should not run
    And the workflow should have ended after 3 seconds

  @extension-switch
  Scenario: The cases of an extended switch still lead on
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: switch, after: [{a: {wait: {seconds: 1}}}]}}]}
    do:
      - s: {switch: [{one: {when: .n == 1, then: v}}, {other: {then: u}}]}
      - u: {set: {to: u}, then: end}
      - v: {set: {to: v}, then: end}
    """
    And given the workflow input is:
    """yaml
    n: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: v
    """
    And a should run once

  @extension-switch
  Scenario: A case of an extended switch that continues goes on behind the switch
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: switch, after: [{a: {wait: {seconds: 1}}}]}}]}
    do:
      - r: {set: {ran: 1}}
      - s: {set: {ran: 2}}
      - t: {switch: [{one: {when: .ran == 2, then: continue}}, {other: {then: end}}]}
      - u: {set: {to: u}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    to: u
    """
    And a should run once
    And s should run once

  @extension-several
  Scenario: The first of several extensions is the outermost
    Given a workflow with definition:
    """yaml
    use:
      extensions:
        - outer: {extend: wait, before: [{ob: {emit: {event: {with: {type: ob}}}}}], after: [{oa: {emit: {event: {with: {type: oa}}}}}]}
        - inner: {extend: wait, before: [{ib: {emit: {event: {with: {type: ib}}}}}], after: [{ia: {emit: {event: {with: {type: ia}}}}}]}
    do:
      - w: {wait: {seconds: 1}}
    """
    When the workflow is executed
    Then the emitted events should be:
    """yaml
    - {type: ob}
    - {type: ib}
    - {type: ia}
    - {type: oa}
    """

  @extension-fault
  Scenario: A fault of before is the task's and the task does not run
    Given a workflow with definition:
    """yaml
    use: {extensions: [{guard: {extend: wait, before: [{b: {raise: {error: {type: 'https://example.com/no', status: 403}}}}]}}]}
    do:
      - t: {try: [{w: {wait: {seconds: 1}}}], catch: {do: [{c: {set: {status: '${ $error.status }'}}}]}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    status: 403
    """
    And w should not run

  @extension-no-after
  Scenario: after does not run when the task has faulted
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: raise, after: [{a: {set: {ok: 1}}}]}}]}
    do:
      - r: {raise: {error: {type: 'https://example.com/e', status: 500}}}
    """
    When the workflow is executed
    Then the workflow should fault
    And a should not run

  @extension-not-itself
  Scenario: The tasks of extensions are not extended
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: set, before: [{b: {set: {ok: 1}}}]}}]}
    do:
      - s: {set: {x: 1}}
    """
    When the workflow is executed
    Then b should run once

  @extension-context
  Scenario: What before exports is seen by the task
    Given a workflow with definition:
    """yaml
    use: {extensions: [{trace: {extend: set, before: [{b: {wait: {milliseconds: 1}, export: {as: '{id: 7}'}}}]}}]}
    do:
      - s: {set: {id: '${ $context.id }'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    id: 7
    """

  @extension-functions
  Scenario: The tasks of functions are extended as well
    Given a workflow with definition:
    """yaml
    use:
      functions: {f: {set: {x: 1}}}
      extensions: [{log: {extend: set, before: [{b: {emit: {event: {with: {type: before}}}}}]}}]
    do:
      - a: {call: f}
    """
    When the workflow is executed
    Then b should run once

  @extension-composite
  Scenario: composite extends do and fork
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: composite, before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - d: {do: [{s: {set: {x: 1}}}]}
      - f: {fork: {branches: [{t: {set: {x: 2}}}]}}
      - w: {wait: {seconds: 1}}
    """
    When the workflow is executed
    Then b should run 2 times

  @extension-when-task
  Scenario: when of an extension sees the task as $task
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: wait, when: '$task.name == "w2"', before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - w1: {wait: {seconds: 1}}
      - w2: {wait: {seconds: 1}}
    """
    When the workflow is executed
    Then b should run once
    And b should run at the seconds '1'

  @extension-scope
  Scenario: The lists of an extension see nothing of the loops around the task
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: wait, before: [{b: {set: {x: '${ $item }'}}}]}}]}
    do:
      - l: {for: {in: '${ [1] }'}, do: [{w: {wait: {seconds: 1}}}]}
    """
    Then the definition should be refused with DSL0302

  @extension-retry
  Scenario: Each run of a retried task is extended
    Given a workflow with definition:
    """yaml
    use: {extensions: [{log: {extend: wait, before: [{b: {emit: {event: {with: {type: before}}}}}]}}]}
    do:
      - t:
          try: [{w: {wait: {seconds: 1}}}, {r: {raise: {error: {type: 'https://example.com/e', status: 503}}}}]
          catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}, do: [{c: {set: {ok: 1}}}]}
    """
    When the workflow is executed
    Then b should run 3 times
