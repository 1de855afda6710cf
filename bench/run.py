#!/usr/bin/env python3
"""Runs the benches named, or all of them: ./dev bench [NAME...]

BENCH_SECONDS (5) is the length of one measurement, BENCH_ROUNDS (3) how often each is repeated, BENCH_CALM (15) how many seconds
one waits for other processes to leave the machine alone. Results: build/bench/NAME.json.
"""
import importlib.util
import os
import signal
import sys

BENCHES = {
    "start": "start/start.py",
    "http": "http/serve.py",
    "engine-sync": "engine/sync.py",
    "engine-durable": "engine/durable.py",
    "engine-waiting": "engine/waiting.py",
    "schedules": "engine/schedules.py",
    "bulk-retry": "engine/bulk_retry.py",
    "flow": "flow/flow.py",
    "pause": "engine/pause.py",
    "workers": "engine/workers.py",
    "engine-overload": "engine/overload.py",
    "engine-durable-postgres": "engine/durable_postgres.py",
    "engine-aged": "engine/aged.py",
    "history": "engine/history.py",
    "list-page": "engine/list_page.py",
    "long": "engine/long.py",
    "run-page": "studio/run_page.py",
    "payloads": "engine/payloads.py",
    "purge": "engine/purge.py",
    "database": "database/rows.py",
    "jq": "jq/filters.py",
    "language": "language/compile.py",
}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped and folders removed
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.exit(f"no bench is called {unknown[0]}; there are: {', '.join(BENCHES)}")
    for name in names:
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), BENCHES[name])
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        bench = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(bench)
        bench.run()


if __name__ == "__main__":
    main()
