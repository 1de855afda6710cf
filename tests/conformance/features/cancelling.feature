Feature: Cancelling
  What runs is called off; a try that names the cancellation cleans up before the end.

  @cancel-cleanup
  Scenario: A catch that names the cancellation cleans up, and the end is cancelled
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            as: e
            do:
              - clean: {set: {why: '${ $e.detail }', status: '${ $e.status }'}, export: {as: .}}
      - after: {set: {x: 1}}
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And work should be cancelled
    And guarded should be cancelled
    And clean should run once
    And after should not run
    And the journal should contain '"why":"enough"'
    And the journal should contain '"status":499'

  @cancel-cleanup-named
  Scenario: A catch of every error does not take the cancellation
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch: {do: [{rescue: {set: {x: 1}}}]}
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And rescue should not run

  @cancel-cleanup-when
  Scenario: The conditions of the catch count as for other errors
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            when: '$error.detail == "really"'
            do: [{clean: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And clean should not run

  @cancel-cleanup-order
  Scenario: Inner tries clean up before outer ones, also when that takes time
    Given a workflow with definition:
    """yaml
    do:
      - outer:
          try:
            - inner:
                try: [{work: {wait: {hours: 1}}}]
                catch:
                  errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
                  do: [{pause: {wait: {seconds: 3}}}, {first: {set: {x: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{second: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be waiting
    When the workflow runs on
    Then the workflow should be cancelled
    And the workflow should have ended after 3 seconds
    And second should run after first

  @cancel-cleanup-branches
  Scenario: Each branch of a fork cleans up; the tasks without cleanup are called off at once
    Given a workflow with definition:
    """yaml
    do:
      - all:
          fork:
            branches:
              - a:
                  try: [{workA: {wait: {hours: 1}}}]
                  catch:
                    errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
                    do: [{napA: {wait: {seconds: 2}}}, {cleanA: {set: {x: 1}}}]
              - b:
                  try: [{workB: {wait: {hours: 1}}}]
                  catch:
                    errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
                    do: [{napB: {wait: {seconds: 4}}}, {cleanB: {set: {x: 1}}}]
              - c: {wait: {hours: 1}}
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    And the workflow runs on
    Then the workflow should be cancelled
    And the workflow should have ended after 4 seconds
    And c should be cancelled
    And cleanB should run after cleanA

  @cancel-cleanup-fails
  Scenario: A cleanup that fails does not keep the cancellation from going on
    Given a workflow with definition:
    """yaml
    do:
      - outer:
          try:
            - inner:
                try: [{work: {wait: {hours: 1}}}]
                catch:
                  errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
                  do: [{oops: {raise: {error: {type: 'https://example.com/e', status: 500}}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{second: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And inner should fault
    And second should run once

  @cancel-cleanup-end
  Scenario: A cleanup that ends the workflow ends only itself
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{clean: {set: {x: 1}, then: end}}, {more: {set: {x: 2}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be cancelled
    And clean should run once
    And more should not run

  @cancel-grace
  Scenario: Cleaning up has an end
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{long: {wait: {hours: 2}}}, {never: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    And the workflow runs on
    Then the workflow should be cancelled
    And the workflow should have ended after 30 seconds
    And long should be cancelled
    And never should not run

  @cancel-force
  Scenario: A second request ends it at once
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{long: {wait: {hours: 2}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    Then the workflow should be waiting
    When the workflow is cancelled because 'now'
    Then the workflow should be cancelled
    And long should be cancelled

  @cancel-force
  Scenario: A request without time for it leaves the cleanup out
    Given a workflow with definition:
    """yaml
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{clean: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled at once because 'now'
    Then the workflow should be cancelled
    And clean should not run

  @cancel-children
  Scenario: An awaited workflow cleans up before the tries around the task that awaits it
    Given a published workflow with definition:
    """yaml
    document: {dsl: '1.0.3', namespace: t, name: child, version: '1.0.0'}
    do:
      - guarded:
          try: [{work: {wait: {hours: 1}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{nap: {wait: {seconds: 5}}}]
    """
    And a workflow with definition:
    """yaml
    do:
      - outer:
          try: [{run: {run: {workflow: {namespace: t, name: child, version: '1.0.0'}}}}]
          catch:
            errors: {with: {type: 'urn:elevaite:errors:cancelled'}}
            do: [{clean: {set: {x: 1}}}]
    """
    When the workflow is started
    And the workflow is cancelled because 'enough'
    And the workflow runs on
    Then the workflow should be cancelled
    And the execution of 'child' should be cancelled
    And clean should run once
    And the workflow should have ended after 5 seconds
