"""The checker of the campaign finds each kind of damage that it names, and nothing in a history without any."""

import unittest

from check import check
from history import History, Operation


class Effects:
    def __init__(self):
        self.first, self.differing = {}, []


def operation(kind, subject, began, ended, outcome="ok", result=None):
    return Operation(kind, subject, began, ended, outcome, result)


class Run:
    """One execution of each sort that ended as it should."""

    def __init__(self):
        self.history = History()
        self.effects = Effects()
        self.stored, self.views, self.events = {}, {}, {}
        self.add("exe_a", "pure", 1, "completed", {"n": 1, "sum": 192})
        self.add("exe_b", "effects", 2, "completed", {"n": 2, "r1": 1, "r2": 2, "r3": 3})
        for step in (1, 2, 3):
            self.effects.first[f"exe_b.{step}"] = (step, f'{{"n": 2, "step": {step}}}'.encode(), 0)
        self.add("exe_c", "endless", 3, "cancelled", None)
        self.add("exe_d", "hearer", 4, "completed", {"n": 4, "word": "word-4"})
        self.tell(operation("send", "4", 12, 13, result="word-4"), operation("cancel", "exe_c", 12, 13, result="cancelled"),
                  operation("read", "exe_a", 12, 13, result="completed"), operation("read", "exe_c", 11.5, 11.6, result="running"))

    def tell(self, *operations):
        self.history.operations += operations

    def add(self, id, workflow, n, status, output):
        self.stored[id] = {"id": id, "workflow": workflow, "status": status}
        self.views[id] = {"workflow": workflow, "input": {"n": n}, "output": output}
        types = ["execution.started", "task.started", "task.completed", f"execution.{status}"]
        self.events[id] = [{"seq": i + 1, "type": t, "task_id": "t"} for i, t in enumerate(types)]
        self.tell(operation("start", f"key-{n}", 10, 11, result=(id, workflow, n)))

    def problems(self):
        return set(check(self.history, self.stored, self.views, self.events, self.effects).problems)


def lose(run):
    for part in (run.stored, run.views, run.events):
        del part["exe_a"]


def again(run):
    run.add("exe_e", "pure", 1, "completed", {"n": 1, "sum": 192})


def start_again_unseen(run):
    again(run)
    run.history.operations.pop()


DAMAGES = {
    "an acknowledged start is lost": lose,
    "one key, several executions": again,
    "one start, several executions": start_again_unseen,
    "not ended": lambda run: run.stored["exe_a"].update(status="running"),
    "faulted": lambda run: run.stored["exe_a"].update(status="faulted"),
    "cancelled by nobody": lambda run: run.stored["exe_d"].update(status="cancelled"),
    "an endless loop has completed": lambda run: run.stored["exe_c"].update(status="completed"),
    "wrong output": lambda run: run.views["exe_d"].update(output={"n": 4, "word": None}),
    "missing after it was acknowledged": lambda run: run.tell(operation("read", "exe_d", 20, 21, result="missing")),
    "a status went back": lambda run: run.tell(operation("read", "exe_a", 20, 21, result="running")),
    "another end than was told": lambda run: run.tell(operation("read", "exe_d", 20, 21, result="cancelled")),
    "an acknowledged cancel is lost": lambda run: run.tell(operation("cancel", "exe_d", 12, 13, result="cancelled")),
    "told that it had ended, which it had not": lambda run: (run.stored["exe_a"].update(status="waiting"), run.tell(operation("cancel", "exe_a", 12, 13, result="ended"))),
    "a journal with a gap or a repetition": lambda run: run.events["exe_a"].pop(1),
    "a journal that does not go from its start to its end": lambda run: run.events["exe_a"].pop(),
    "a task that began twice": lambda run: run.events["exe_a"].insert(1, {"seq": 2, "type": "task.started", "task_id": "t"}) or [e.update(seq=i + 1) for i, e in enumerate(run.events["exe_a"])],
    "a call without an execution": lambda run: run.effects.first.update({"exe_z.1": (9, b'{"n": 1, "step": 1}', 0)}),
    "one key, two requests": lambda run: run.effects.differing.append("exe_b.1"),
}


class Checker(unittest.TestCase):
    def test_nothing_in_a_good_run(self):
        self.assertEqual(Run().problems(), set())

    def test_each_damage(self):
        for rule, damage in DAMAGES.items():
            run = Run()
            damage(run)
            self.assertIn(rule, run.problems())

    def test_calls_out_of_order(self):
        run = Run()
        run.views["exe_b"]["output"] = {"n": 2, "r1": 2, "r2": 1, "r3": 3}
        self.assertEqual(run.problems(), {"wrong output"})

    def test_what_is_not_known_is_not_a_fault(self):
        run = Run()
        run.tell(operation("start", "key-9", 10, 11, "unknown", (None, "pure", 9)), operation("cancel", "exe_d", 10, 11, "unknown"),
                 operation("read", "exe_a", 10, 14, result="running"))  # begun before the end was told
        self.assertEqual(run.problems(), set())


if __name__ == "__main__":
    unittest.main()
