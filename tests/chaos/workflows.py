"""What is run under faults, and what each run must give."""

import json

RETRY = "{errors: {with: {type: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication'}}, " \
        "retry: {delay: {milliseconds: 50}, backoff: {constant: {}}, limit: {attempt: {count: 10000}}}}"


def call(url, step):
    return (f"{{try: [{{ask{step}: {{call: http, with: {{method: post, endpoint: '{url}/{step}', body: '${{ {{n: $context.n, step: {step}}} }}'}}, "
            f"export: {{as: '$context + {{r{step}: .receipt}}'}}}}}}], catch: {RETRY}}}")


def documents(effects_url):
    return {
        "pure": """
- first: {set: '${ . + {twice: (.n * 2)} }'}
- each: {for: {each: x, in: '${ [range(20)] }'}, do: [{add: {set: '${ .twice += $x }'}}]}
- last: {set: '${ {n, sum: .twice} }'}
""",
        "nap": """
- first: {wait: {milliseconds: 300}}
- second: {wait: {milliseconds: 700}}
- last: {set: '${ {n, slept: true} }'}
""",
        "effects": f"""
- keep: {{set: '${{ . }}', export: {{as: '${{ {{n: .n}} }}'}}}}
- one: {call(effects_url, 1)}
- two: {call(effects_url, 2)}
- three: {call(effects_url, 3)}
- last: {{set: '${{ $context }}'}}
""",
        "hearer": """
- hear: {listen: {to: {one: {with: {type: com.chaos.told, data: '${ .n == $input.n }'}}}}}
- last: {set: '${ {n: .[0].n, word: .[0].word} }'}
""",
        "child": """
- rest: {wait: {milliseconds: 200}}
- last: {set: '${ {n: (.n + 1)} }'}
""",
        "parent": """
- run: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: '${ {n} }'}}}
- last: {set: '${ {child: .n} }'}
""",
        "branches": """
- all:
    fork:
      branches:
      - slow: {do: [{w: {wait: {milliseconds: 400}}}, {s: {set: '${ .n + 1 }'}}]}
      - quick: {do: [{w: {wait: {milliseconds: 30}}}, {s: {set: '${ .n + 2 }'}}]}
- last: {set: '${ {sum: add} }'}
""",
        # Runs until it is cancelled.
        "endless": """
- rest: {wait: {seconds: 5}, then: rest}
""",
    }


STARTED = ["pure", "nap", "effects", "hearer", "parent", "branches", "endless"]


def wrong(kind, n, output, effects, id, words):
    """Why this is not what a run of that kind gives; None when it is."""
    if kind == "effects":
        if not isinstance(output, dict) or output.get("n") != n:
            return "another input's output"
        receipts = [output.get(f"r{step}") for step in (1, 2, 3)]
        if receipts != sorted(receipts):
            return "its calls were done out of order"
        by_receipt = {first[0]: (key, first[1]) for key, first in effects.first.items()}
        for step, receipt in enumerate(receipts, 1):
            key, body = by_receipt.get(receipt, ("", b"{}"))
            if not key.startswith(id + ".") or json.loads(body) != {"n": n, "step": step}:
                return f"receipt {receipt} is of {key} {body}"
        return None
    expected = {
        "pure": {"n": n, "sum": n * 2 + 190},
        "nap": {"n": n, "slept": True},
        "hearer": {"n": n, "word": words.get(n)},
        "parent": {"child": n + 1},
        "child": {"n": n + 1},
        "branches": {"sum": 2 * n + 3},
    }[kind]
    return None if output == expected else f"gave {output} instead of {expected}"
