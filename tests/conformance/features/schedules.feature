Feature: Schedules
  Starts by time, across time zones and their changes, and by events.

  @every-first
  Scenario: every first starts one interval after the publication
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {every: {minutes: 10}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    Then 0 executions should have started
    And the next start should be due at '2026-01-01T00:10:00Z'
    When 30 minutes pass
    Then executions should have started at:
    """yaml
    ['2026-01-01T00:10:00Z', '2026-01-01T00:20:00Z', '2026-01-01T00:30:00Z']
    """

  @every-overlap
  Scenario: every starts one per interval even while another runs
    Given a workflow with definition:
    """yaml
    schedule: {every: {minutes: 1}}
    do: [{w: {wait: {minutes: 5}}}]
    """
    When the workflow is published
    And 3 minutes pass
    Then 3 executions should have started

  @every-no-overlap
  Scenario: Without overlap a start is left out while the last execution runs
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {every: {minutes: 1}}
    do: [{w: {wait: {seconds: 150}}}]
    """
    When the workflow is published without overlap
    And 5 minutes pass
    Then executions should have started at:
    """yaml
    ['2026-01-01T00:01:00Z', '2026-01-01T00:04:00Z']
    """

  @after-end
  Scenario: after starts at once and then that long after the end
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {after: {minutes: 10}}
    do: [{w: {wait: {minutes: 5}}}]
    """
    When the workflow is published
    Then 1 executions should have started
    And no start should be due
    When 35 minutes pass
    Then executions should have started at:
    """yaml
    ['2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00Z']
    """

  @after-fault
  Scenario: after counts from the end of an execution that faulted, too
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {after: {minutes: 10}}
    do: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
    """
    When the workflow is published
    And 10 minutes pass
    Then 2 executions should have started

  @cron-due
  Scenario Outline: In UTC the cron <cron> is due at <due>
    Given the time is '2026-01-01T00:00:30Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '<cron>'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    Then the next start should be due at '<due>'
    Examples:
      | cron           | due                  |
      | 0 9 * * *      | 2026-01-01T09:00:00Z |
      | */15 * * * *   | 2026-01-01T00:15:00Z |
      | 0 0 1 * *      | 2026-02-01T00:00:00Z |
      | 0 12 * * 1     | 2026-01-05T12:00:00Z |
      | 0 0 29 2 *     | 2028-02-29T00:00:00Z |
      | 45 0 0 * * *   | 2026-01-01T00:00:45Z |
      | @hourly        | 2026-01-01T01:00:00Z |
      | 0 0 13 * 5     | 2026-01-02T00:00:00Z |

  @cron-zone
  Scenario Outline: In <zone> a cron of 9 o'clock is due at <due>
    Given the time is '<now>'
    And a workflow with definition:
    """yaml
    schedule: {cron: '0 9 * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone '<zone>'
    Then the next start should be due at '<due>'
    Examples:
      | zone             | now                  | due                  |
      | Europe/Berlin    | 2026-01-10T00:00:00Z | 2026-01-10T08:00:00Z |
      | Europe/Berlin    | 2026-07-10T00:00:00Z | 2026-07-10T07:00:00Z |
      | America/New_York | 2026-01-10T00:00:00Z | 2026-01-10T14:00:00Z |
      | Asia/Kolkata     | 2026-01-10T00:00:00Z | 2026-01-10T03:30:00Z |
      | Asia/Kathmandu   | 2026-01-10T00:00:00Z | 2026-01-10T03:15:00Z |
      | Pacific/Auckland | 2026-01-10T00:00:00Z | 2026-01-10T20:00:00Z |
      | Pacific/Auckland | 2026-07-10T00:00:00Z | 2026-07-10T21:00:00Z |

  @cron-gap
  Scenario: A time that the clocks jump over is started once at the first instant after
    Given the time is '2026-03-28T12:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '30 2 * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone 'Europe/Berlin'
    Then the next start should be due at '2026-03-29T01:00:00Z'
    When 48 hours pass
    Then executions should have started at:
    """yaml
    ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']
    """

  @cron-overlap
  Scenario: A time that comes twice is started the first time only
    Given the time is '2026-10-24T12:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '30 2 * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone 'Europe/Berlin'
    And 48 hours pass
    Then executions should have started at:
    """yaml
    ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']
    """

  @cron-change-daily
  Scenario: A time of the day stays where it is on the wall when the clocks change
    Given the time is '2026-03-07T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '0 12 * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone 'America/New_York'
    And 60 hours pass
    Then executions should have started at:
    """yaml
    ['2026-03-07T17:00:00Z', '2026-03-08T16:00:00Z']
    """

  @cron-southern
  Scenario: The clocks change in the south as well
    Given the time is '2026-10-03T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '30 2 * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone 'Australia/Sydney'
    And 48 hours pass
    Then executions should have started at:
    """yaml
    ['2026-10-03T16:00:00Z', '2026-10-04T15:30:00Z']
    """

  @every-dst
  Scenario: every does not care about the clocks on the wall
    Given the time is '2026-03-28T23:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {every: {hours: 1}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published in the time zone 'Europe/Berlin'
    And 4 hours pass
    Then 4 executions should have started

  @missed-one
  Scenario: Times that were missed are made up for by one start
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {every: {minutes: 10}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the engine is down for 65 minutes
    Then executions should have started at:
    """yaml
    ['2026-01-01T01:05:00Z']
    """
    And the next start should be due at '2026-01-01T01:10:00Z'

  @missed-none
  Scenario: Without catching up times that were missed are left out
    Given the time is '2026-01-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    schedule: {cron: '0 * * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published without catching up
    And the engine is down for 150 minutes
    Then 0 executions should have started
    And the next start should be due at '2026-01-01T03:00:00Z'

  @missed-grace
  Scenario: A start that is a little late is none that was missed
    Given a workflow with definition:
    """yaml
    schedule: {every: {minutes: 10}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published without catching up
    And the engine is down for 630 seconds
    Then 1 executions should have started

  @schedule-input
  Scenario: A workflow that time starts has an empty object as its input
    Given a workflow with definition:
    """yaml
    schedule: {every: {minutes: 10}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And 10 minutes pass
    Then execution 1 should have the input:
    """yaml
    {}
    """

  @on-one
  Scenario: An event starts an execution with the list of its data as input
    Given a workflow with definition:
    """yaml
    schedule: {on: {one: {with: {type: order}}}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the events are published:
      | type  | data    |
      | other | {id: 0} |
      | order | {id: 1} |
      | order | {id: 2} |
    Then 2 executions should have started
    And execution 1 should have the input:
    """yaml
    - id: 1
    """
    And execution 2 should have the input:
    """yaml
    - id: 2
    """

  @on-read
  Scenario: schedule read envelope gives the whole events
    Given a workflow with definition:
    """yaml
    schedule: {on: {one: {with: {type: order}}}, read: envelope}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the event is published:
    """yaml
    {specversion: '1.0', type: order, id: '1', source: 'https://x.test', time: '2026-01-01T00:00:00Z'}
    """
    Then execution 1 should have the input:
    """yaml
    - {specversion: '1.0', type: order, id: '1', source: 'https://x.test', time: '2026-01-01T00:00:00Z'}
    """

  @on-all
  Scenario: all starts one execution for one event of each kind
    Given a workflow with definition:
    """yaml
    schedule: {on: {all: [{with: {type: a}}, {with: {type: b}}]}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the events are published:
      | type | data |
      | b    | 1    |
      | b    | 2    |
      | a    | 3    |
    Then 1 executions should have started
    And execution 1 should have the input:
    """yaml
    [1, 3]
    """

  @on-before
  Scenario: Events from before the publication start nothing
    Given a workflow with definition:
    """yaml
    schedule: {on: {one: {with: {type: order}}}}
    do: [{s: {set: {x: 1}}}]
    """
    When the event is published:
    """yaml
    {type: order}
    """
    And the workflow is published
    Then 0 executions should have started

  @on-duplicate
  Scenario: A duplicate starts no second execution
    Given a workflow with definition:
    """yaml
    schedule: {on: {one: {with: {type: order}}}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the events are published:
      | type  | id  |
      | order | '1' |
      | order | '1' |
    Then 1 executions should have started

  @on-crash
  Scenario: What was collected of events survives a crash
    Given a workflow with definition:
    """yaml
    schedule: {on: {all: [{with: {type: a}}, {with: {type: b}}]}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    And the engine crashes and recovers
    And the event is published:
    """yaml
    {type: b, data: 2}
    """
    Then execution 1 should have the input:
    """yaml
    [1, 2]
    """

  @on-until
  Scenario: any with until collects the events of one start
    Given a workflow with definition:
    """yaml
    schedule: {on: {any: [{with: {type: a}}], until: 'length == 2'}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
      | a    | 3    |
      | a    | 4    |
    Then 2 executions should have started
    And execution 2 should have the input:
    """yaml
    [3, 4]
    """

  @on-chain
  Scenario: What one workflow emits starts another
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: second, version: '1.0.0'}
    schedule: {on: {one: {with: {type: done}}}}
    do: [{s: {set: {x: 1}}}]
    """
    When the workflow is published
    Given a workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: first, version: '1.0.0'}
    do: [{e: {emit: {event: {with: {type: done, data: {n: 1}}}}}}]
    """
    When the workflow is executed
    Then the workflow should complete
    And 1 executions of 'second' should have started
    And execution 2 should have the input:
    """yaml
    - n: 1
    """

  @schedule-one
  Scenario: A schedule with two ways to start is refused
    Given a workflow with definition:
    """yaml
    schedule: {every: {minutes: 1}, cron: '* * * * *'}
    do: [{s: {set: {x: 1}}}]
    """
    Then the definition should be refused with DSL0107

  @every-shortest
  Scenario: An interval of less than a second is refused
    Given a workflow with definition:
    """yaml
    schedule: {every: {milliseconds: 500}}
    do: [{s: {set: {x: 1}}}]
    """
    Then the definition should be refused with DSL0213

  @cron-bad
  Scenario Outline: The cron <cron> is refused
    Given a workflow with definition:
    """yaml
    schedule: {cron: '<cron>'}
    do: [{s: {set: {x: 1}}}]
    """
    Then the definition should be refused with DSL0218
    Examples:
      | cron        |
      | 61 * * * *  |
      | * * * *     |
      | @sometimes  |
