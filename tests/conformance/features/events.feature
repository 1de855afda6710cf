Feature: Events
  What emit publishes and what listen takes: in all forms and orders, early events and duplicates.

  @emit-output
  Scenario: The output of emit is the whole event
    Given the time is '2026-03-01T00:00:00Z'
    And a workflow with definition:
    """yaml
    do:
      - e: {emit: {event: {with: {id: '1', source: 'https://me.example', type: a.b, data: {x: '${ .n }'}}}}}
    """
    And given the workflow input is:
    """yaml
    n: 5
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    specversion: '1.0'
    id: '1'
    source: https://me.example
    type: a.b
    time: '2026-03-01T00:00:00.000Z'
    data: {x: 5}
    """
    And the emitted events should be:
    """yaml
    - {id: '1', type: a.b, data: {x: 5}}
    """

  @emit-made-up
  Scenario: id, source, time and specversion are made up where they are missing
    Given a workflow with definition:
    """yaml
    do:
      - e: {emit: {event: {with: {type: a.b}}}}
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have properties 'id', 'source', 'time', 'specversion'

  @emit-type
  Scenario: An event without a type is refused
    Given a workflow with definition:
    """yaml
    do:
      - e: {emit: {event: {with: {source: 'https://me.example'}}}}
    """
    Then the definition should be refused with DSL0102

  @emit-ids
  Scenario: Each emit has an id of its own, so that none is taken for a duplicate
    Given a workflow with definition:
    """yaml
    do:
      - l: {for: {in: '${ [1, 2, 3] }'}, do: [{e: {emit: {event: {with: {type: a.b}}}}}]}
      - h: {listen: {to: {all: [{with: {type: a.b}}, {with: {type: a.b}}, {with: {type: a.b}}]}, read: envelope}, output: {as: '[.[].id] | unique | length'}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    3
    """
    And 3 events should be emitted

  @emit-attributes
  Scenario: Attributes of the sender's own travel with the event
    Given a workflow with definition:
    """yaml
    do:
      - e: {emit: {event: {with: {type: a.b, subject: s, tenant: acme, datacontenttype: application/json}}}}
    """
    When the workflow is executed
    Then the emitted events should be:
    """yaml
    - {type: a.b, subject: s, tenant: acme, datacontenttype: application/json}
    """

  @listen-one
  Scenario: one takes one event and gives a list of one
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a.b}}}}}
    """
    When the workflow is started
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: a.b, data: {n: 1}}
    """
    Then the workflow should complete with output:
    """yaml
    - {n: 1}
    """

  @listen-other-type
  Scenario: An event of another type is left alone
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a.b}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a.c}
    """
    Then the workflow should be waiting

  @listen-any
  Scenario Outline: any takes the first event that one of its filters takes: <type>
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}, {with: {type: b}}]}, read: envelope}, output: {as: '.[0].type'}}
    """
    When the workflow is started
    And the events are published:
      | type   |
      | other  |
      | <type> |
    Then the workflow should complete with output:
    """yaml
    <type>
    """
    Examples:
      | type |
      | a    |
      | b    |

  @listen-all
  Scenario Outline: all takes one event for each filter, in the order of coming: <first> before <second>
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}, read: envelope}, output: {as: '[.[].type]'}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: <first>}
    """
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: <second>}
    """
    Then the workflow should complete with output:
    """yaml
    [<first>, <second>]
    """
    Examples:
      | first | second |
      | a     | b      |
      | b     | a      |

  @listen-all-once
  Scenario: all does not take a second event for a filter that has one
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
      | b    | 3    |
    Then the workflow should complete with output:
    """yaml
    [1, 3]
    """

  @listen-any-empty
  Scenario: any without filters takes every event
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: []}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: whatever, data: 1}
    """
    Then the workflow should complete with output:
    """yaml
    [1]
    """

  @listen-until
  Scenario: until ends the listening when it is true after an event
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: '(. | length) == 3'}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
    Then the workflow should be waiting
    When the events are published:
      | type | data |
      | a    | 3    |
      | a    | 4    |
    Then the workflow should complete with output:
    """yaml
    [1, 2, 3]
    """

  @listen-until-events
  Scenario: The events of until are not part of the output
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: {one: {with: {type: stop}}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
      | stop | 9    |
    Then the workflow should complete with output:
    """yaml
    [1, 2]
    """

  @listen-until-all
  Scenario: until may want several events of its own
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: {all: [{with: {type: x}}, {with: {type: y}}]}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | y    | 0    |
      | a    | 1    |
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: x}
    """
    Then the workflow should complete with output:
    """yaml
    [1]
    """

  Scenario: until that is met by the first event gives an empty list
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: {one: {with: {type: stop}}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: stop}
    """
    Then the workflow should complete with output:
    """yaml
    []
    """

  @listen-until-any
  Scenario: until belongs to any alone
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}}, until: 'true'}}}
    """
    Then the definition should be refused with DSL0107

  @read-forms
  Scenario Outline: read <read> gives <what>
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}}}, read: <read>}, output: {as: '<as>'}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, id: '7', data: {x: 1}}
    """
    Then the workflow should complete with output:
    """yaml
    <output>
    """
    Examples:
      | read     | what               | as                             | output            |
      | data     | the data           | .[0]                           | {x: 1}            |
      | envelope | the whole event    | [.[0].id, .[0].data.x]         | ['7', 1]          |
      | raw      | the data in base64 | .[0] \| @base64d \| fromjson   | {x: 1}            |

  @read-default
  Scenario: read is data unless given
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: [1, 2]}
    """
    Then the workflow should complete with output:
    """yaml
    - [1, 2]
    """

  @filter-literal
  Scenario: A literal in a filter must be equal to the attribute
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a, source: 'https://me.example', subject: s}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | source              | subject | data |
      | a    | https://you.example | s       | 1    |
      | a    | https://me.example  | t       | 2    |
      | a    | https://me.example  | s       | 3    |
    Then the workflow should complete with output:
    """yaml
    [3]
    """

  @filter-expression
  Scenario: An expression in a filter sees the attribute
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a, data: '${ .temperature > 38 }'}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data              |
      | a    | {temperature: 37} |
      | a    | {temperature: 39} |
    Then the workflow should complete with output:
    """yaml
    - temperature: 39
    """

  @filter-expression-equal
  Scenario: An expression that is neither true nor false must equal the attribute
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a, subject: '${ $context.wanted }'}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, subject: x}
    """
    Then the workflow should be waiting

  @filter-context
  Scenario: A filter sees the context and the input of its task
    Given a workflow with definition:
    """yaml
    do:
      - s: {set: {order: o1}, export: {as: .}}
      - l: {listen: {to: {one: {with: {type: a, subject: '${ $context.order }'}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | subject | data |
      | a    | o2      | 2    |
      | a    | o1      | 1    |
    Then the workflow should complete with output:
    """yaml
    [1]
    """

  @filter-fails
  Scenario: A filter whose expression fails does not match
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a, data: '${ .x.y.z == 1 }'}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data              |
      | a    | {x: text}         |
      | a    | {x: {y: {z: 1}}}  |
    Then the workflow should complete with output:
    """yaml
    - x: {y: {z: 1}}
    """

  @filter-regex
  Scenario: A text with the signs of a regular expression matches the whole value
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: 'com\.example\..+\.v1'}}}, read: envelope}, output: {as: '.[0].type'}}
    """
    When the workflow is started
    And the events are published:
      | type                      |
      | com.example.order.v2      |
      | xcom.example.order.v1     |
      | com.example.order.v1      |
    Then the workflow should complete with output:
    """yaml
    com.example.order.v1
    """

  @correlate-first
  Scenario: The first value of a correlation is expected of the events after it
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen:
            to:
              all:
                - with: {type: a}
                  correlate: {order: {from: .data.order}}
                - with: {type: b}
                  correlate: {order: {from: .data.order}}
          output: {as: '[.[].order]'}
    """
    When the workflow is started
    And the events are published:
      | type | data       |
      | a    | {order: 1} |
      | b    | {order: 2} |
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: b, data: {order: 1}}
    """
    Then the workflow should complete with output:
    """yaml
    [1, 1]
    """

  @correlate-expect
  Scenario: expect says what the value of a correlation must be
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {one: {with: {type: a}, correlate: {order: {from: .data.order, expect: '7'}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data         |
      | a    | {order: '6'} |
      | a    | {order: '7'} |
    Then the workflow should complete with output:
    """yaml
    - order: '7'
    """

  @correlate-missing
  Scenario: An event without the value of a correlation is not taken
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}, correlate: {order: {from: .data.order}}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data       |
      | a    | {other: 1} |
      | a    | {order: 2} |
    Then the workflow should complete with output:
    """yaml
    - order: 2
    """

  @correlate-scope
  Scenario: A correlation holds within one listen and not in the next
    Given a workflow with definition:
    """yaml
    do:
      - one: {listen: {to: {one: {with: {type: a}, correlate: {order: {from: .data}}}}}}
      - two: {listen: {to: {one: {with: {type: a}, correlate: {order: {from: .data}}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
    Then the workflow should complete with output:
    """yaml
    [2]
    """

  @early-taken
  Scenario: An event that came after the start and before the listen is taken by it
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 10}}
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And 1 second passes
    And the event is published:
    """yaml
    {type: a, data: early}
    """
    Then the workflow should be waiting
    When 9 seconds pass
    Then the workflow should complete with output:
    """yaml
    [early]
    """

  @early-before
  Scenario: An event from before the start is not taken
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the event is published:
    """yaml
    {type: a, data: too early}
    """
    And the workflow is started
    Then the workflow should be waiting

  @early-consumed
  Scenario: An event that one listen has taken is not taken by the next
    Given a workflow with definition:
    """yaml
    do:
      - one: {listen: {to: {one: {with: {type: a}}}}}
      - two: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: a, data: 2}
    """
    Then the workflow should complete with output:
    """yaml
    [2]
    """

  @early-order
  Scenario: Early events are taken in the order in which they came
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 10}}
      - l: {listen: {to: {any: [{with: {type: a}}], until: 'length == 3'}}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
    And 10 seconds pass
    And the event is published:
    """yaml
    {type: a, data: 3}
    """
    Then the workflow should complete with output:
    """yaml
    [1, 2, 3]
    """

  @early-own
  Scenario: A workflow hears what it has emitted itself
    Given a workflow with definition:
    """yaml
    do:
      - e: {emit: {event: {with: {type: a, data: mine}}}}
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    [mine]
    """

  @early-crash
  Scenario: An event that came while the engine was down is not lost
    Given a workflow with definition:
    """yaml
    do:
      - w: {wait: {seconds: 10}}
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: kept}
    """
    And the engine is down for 1 minute
    Then the workflow should complete with output:
    """yaml
    [kept]
    """

  @event-duplicate
  Scenario: An event with the same source and id counts once
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}}
    """
    When the workflow is started
    And the events are published:
      | type | source         | id     | data   |
      | a    | https://x.test | 'one'  | first  |
      | a    | https://x.test | 'one'  | again  |
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: a, source: 'https://x.test', id: two, data: second}
    """
    Then the workflow should complete with output:
    """yaml
    [first, second]
    """

  @duplicate-source
  Scenario: The same id of another source is another event
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}}
    """
    When the workflow is started
    And the events are published:
      | type | source         | id    | data   |
      | a    | https://x.test | 'one' | first  |
      | a    | https://y.test | 'one' | second |
    Then the workflow should complete with output:
    """yaml
    [first, second]
    """

  @duplicate-crash
  Scenario: A duplicate is known after a crash
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, id: one, data: 1}
    """
    And the engine crashes and recovers
    And the event is published:
    """yaml
    {type: a, id: one, data: 2}
    """
    Then the workflow should be waiting

  @foreach-output
  Scenario: The output of foreach is the outputs of the rounds in the order of consumption
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'length == 3'}}
          foreach: {item: n, at: i, do: [{s: {set: {round: '${ $i }', twice: '${ $n * 2 }'}}}]}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 5    |
      | a    | 6    |
      | a    | 7    |
    Then the workflow should complete with output:
    """yaml
    - {round: 0, twice: 10}
    - {round: 1, twice: 12}
    - {round: 2, twice: 14}
    """

  @foreach-one-at-a-time
  Scenario: foreach handles one event at a time
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'length == 3'}}
          foreach: {do: [{w: {wait: {seconds: 10}}}]}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
      | a    | 3    |
    And the workflow runs on
    Then the workflow should complete with output:
    """yaml
    [1, 2, 3]
    """
    And w should run 3 times
    And the workflow should have ended after 30 seconds

  @foreach-immediately
  Scenario: A round of foreach begins when its event comes and not at the end
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: {one: {with: {type: stop}}}}}
          foreach: {do: [{s: {set: {x: '${ $item }'}}}]}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    Then s should run once
    And the workflow should be waiting

  @foreach-round
  Scenario: output and export in foreach apply to each round
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}
          foreach:
            do: [{s: {set: {x: '${ $item }'}}}]
            output: {as: .x}
            export: {as: '($context // []) + [.]'}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
    Then the workflow should complete with output:
    """yaml
    [1, 2]
    """
    And the context should be:
    """yaml
    [1, 2]
    """

  @foreach-fault
  Scenario: A fault in a round of foreach faults the listen
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}
          foreach: {do: [{r: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a}
    """
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/e
    instance: /do/0/l/foreach/do/0/r
    """

  @until-false
  Scenario: until false listens until the workflow is cancelled
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'false'}}
          foreach: {do: [{s: {set: {ok: 1}}}]}
    """
    When the workflow is started
    And the events are published:
      | type |
      | a    |
      | a    |
    Then s should run 2 times
    And the workflow should be waiting
    When the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And l should be cancelled

  @listen-two
  Scenario: Two branches that listen for the same type share no event
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            branches:
              - one: {listen: {to: {one: {with: {type: a}}}}}
              - two: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    Then the workflow should be waiting
    When the event is published:
    """yaml
    {type: a, data: 2}
    """
    Then the workflow should complete with output:
    """yaml
    - [1]
    - [2]
    """

  @listen-compete
  Scenario: A listen that loses a race takes nothing any more
    Given a workflow with definition:
    """yaml
    do:
      - f:
          fork:
            compete: true
            branches:
              - ear: {listen: {to: {one: {with: {type: a}}}}}
              - clock: {wait: {seconds: 5}}
      - l: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And 5 seconds pass
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    Then the workflow should complete with output:
    """yaml
    [1]
    """
    And ear should be cancelled

  @early-forgotten
  Scenario: An event is taken after those that came before are forgotten and the engine was started anew
    Given a workflow with definition:
    """yaml
    do:
      - one: {listen: {to: {one: {with: {type: a}}}}}
      - two: {listen: {to: {one: {with: {type: a}}}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    And 2 days pass
    And the engine crashes and recovers
    And the event is published:
    """yaml
    {type: a, data: 2}
    """
    Then the workflow should complete with output:
    """yaml
    [2]
    """

  @listen-all-empty
  Scenario: all without filters is refused
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: []}}}
    """
    Then the definition should be refused with DSL0105

  @filter-regex-bad
  Scenario: A regular expression in a filter that is not valid is refused
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: 'a(b'}}}}}
    """
    Then the definition should be refused with DSL0216

  @filter-regex-also
  Scenario: A text with the signs of a regular expression also matches itself
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {one: {with: {type: a, subject: 'x[1]'}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | subject  | data |
      | a    | 'x[2]'   | 1    |
      | a    | 'x[1]'   | 2    |
    Then the workflow should complete with output:
    """yaml
    [2]
    """

  @foreach-scope
  Scenario: The variables of foreach exist in its output and export
    Given a workflow with definition:
    """yaml
    do:
      - l:
          listen: {to: {any: [{with: {type: a}}], until: 'length == 2'}}
          foreach: {item: e, at: i, do: [{s: {set: {ok: 1}}}], output: {as: '[$i, $e]'}, export: {as: '($context // []) + [$e]'}}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 5    |
      | a    | 6    |
    Then the workflow should complete with output:
    """yaml
    - [0, 5]
    - [1, 6]
    """
    And the context should be:
    """yaml
    [5, 6]
    """

  @correlate-expect-expression
  Scenario: expect may be computed from the context
    Given a workflow with definition:
    """yaml
    do:
      - s: {set: {ok: 1}, export: {as: '{order: "7"}'}}
      - l: {listen: {to: {one: {with: {type: a}, correlate: {order: {from: .data.order, expect: '${ $context.order }'}}}}}}
    """
    When the workflow is started
    And the events are published:
      | type | data         |
      | a    | {order: '6'} |
      | a    | {order: '7'} |
    Then the workflow should complete with output:
    """yaml
    - order: '7'
    """

  @listen-envelope-correlate
  Scenario: correlate from sees the whole event
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: [{with: {type: a}, correlate: {who: {from: .source}}}, {with: {type: b}, correlate: {who: {from: .source}}}]}}}
    """
    When the workflow is started
    And the events are published:
      | type | source         | data |
      | a    | https://x.test | 1    |
      | b    | https://y.test | 2    |
      | b    | https://x.test | 3    |
    Then the workflow should complete with output:
    """yaml
    [1, 3]
    """

  @listen-until-condition-envelope
  Scenario: until sees what was read, as read says
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {any: [{with: {type: '.+'}}], until: '.[-1].type == "last"'}, read: envelope}, output: {as: '[.[].type]'}}
    """
    When the workflow is started
    And the events are published:
      | type  |
      | first |
      | last  |
    Then the workflow should complete with output:
    """yaml
    [first, last]
    """

  @listen-in-loop
  Scenario: Each round of a loop listens anew
    Given a workflow with definition:
    """yaml
    do:
      - loop: {for: {in: '${ [1, 2] }'}, do: [{l: {listen: {to: {one: {with: {type: a}}}}}}]}
    """
    When the workflow is started
    And the events are published:
      | type | data |
      | a    | 1    |
      | a    | 2    |
    Then the workflow should complete with output:
    """yaml
    [2]
    """
    And l should run 2 times

  @listen-crash-all
  Scenario: What a listen has taken survives a crash
    Given a workflow with definition:
    """yaml
    do:
      - l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}}}
    """
    When the workflow is started
    And the event is published:
    """yaml
    {type: a, data: 1}
    """
    And the engine crashes and recovers
    And the event is published:
    """yaml
    {type: b, data: 2}
    """
    Then the workflow should complete with output:
    """yaml
    [1, 2]
    """
