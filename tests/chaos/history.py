"""What clients asked and were told, with times of one monotonic clock: what the checker judges by."""

import dataclasses
import threading
import time


@dataclasses.dataclass
class Operation:
    kind: str  # start, read, cancel, send
    subject: str  # a start: its key; a send: the event's id; else the execution
    began: float
    ended: float | None = None
    outcome: str = "unknown"  # ok, refused (certainly not done), unknown (it may have been done)
    result: object = None
    node: int = 0


class History:
    def __init__(self):
        self.lock = threading.Lock()
        self.operations = []
        self.refusals = {}

    def perform(self, kind, subject, node, call):
        """`call` gives (outcome, result)."""
        operation = Operation(kind, subject, time.monotonic(), node=node)
        with self.lock:
            self.operations.append(operation)
        outcome, result = call()
        operation.ended = time.monotonic()
        operation.outcome, operation.result = outcome, result
        if outcome == "refused":
            with self.lock:
                self.refusals[result] = self.refusals.get(result, 0) + 1
        return operation

    def of(self, kind, outcome=None):
        return [o for o in self.operations if o.kind == kind and (outcome is None or o.outcome == outcome)]
