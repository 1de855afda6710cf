"""Judges a finished campaign: what clients were told, against what is stored and what the called service saw."""

import collections

from load import FINAL
from workflows import wrong


class Verdict:
    def __init__(self):
        self.problems = collections.defaultdict(list)
        self.figures = {}

    def add(self, rule, text):
        self.problems[rule].append(text)

    def ok(self):
        return not self.problems


def check(history, stored, views, events, effects):
    """`stored`: id -> row of the list; `views`: id -> GET of the execution; `events`: id -> its journal."""
    verdict = Verdict()
    words = {int(o.subject): o.result for o in history.of("send") if o.outcome != "refused"}
    starts_are_kept(verdict, history, stored)
    one_key_one_execution(verdict, history, views)
    outputs_are_right(verdict, history, stored, views, effects, words)
    reads_never_go_back(verdict, history, stored)
    cancels_are_kept(verdict, history, stored)
    journals_are_whole(verdict, stored, events)
    effects_have_executions(verdict, stored, effects)
    return verdict


def starts_are_kept(verdict, history, stored):
    for start in history.of("start", "ok"):
        if start.result[0] not in stored:
            verdict.add("an acknowledged start is lost", f"{start.result}")


def one_key_one_execution(verdict, history, views):
    ids = collections.defaultdict(set)
    for start in history.of("start", "ok"):
        ids[start.subject].add(start.result[0])
    for key, several in ids.items():
        if len(several) > 1:
            verdict.add("one key, several executions", f"{key}: {several}")
    runs = collections.Counter()
    for view in views.values():
        if view["workflow"] != "child":
            runs[(view["workflow"], view["input"]["n"])] += 1
    for start, count in runs.items():
        if count > 1:
            verdict.add("one start, several executions", f"{start}: {count}")


def outputs_are_right(verdict, history, stored, views, effects, words):
    cancelled = {o.subject for o in history.of("cancel") if o.outcome != "refused"}
    for id, row in stored.items():
        view = views[id]
        if row["status"] not in FINAL:
            verdict.add("not ended", f"{id} {row['workflow']} {row['status']}")
        elif row["status"] == "faulted":
            verdict.add("faulted", f"{id} {row['workflow']}: {view.get('error')}")
        elif row["status"] == "cancelled":
            parent = view.get("parent")
            if id not in cancelled and not (parent and (parent["id"] if isinstance(parent, dict) else parent) in cancelled):
                verdict.add("cancelled by nobody", f"{id} {row['workflow']}")
        elif row["workflow"] == "endless":
            verdict.add("an endless loop has completed", id)
        else:
            why = wrong(row["workflow"], view["input"]["n"], view["output"], effects, id, words)
            if why:
                verdict.add("wrong output", f"{id} {row['workflow']} n={view['input']['n']} {why}")


def reads_never_go_back(verdict, history, stored):
    """Whoever asks after another has been told an end is told the same end; what was acknowledged is never missing."""
    seen = collections.defaultdict(list)
    for start in history.of("start", "ok"):
        seen[start.result[0]].append((start.began, start.ended, "exists"))
    for read in history.of("read", "ok"):
        seen[read.subject].append((read.began, read.ended, read.result))
    for id, observations in seen.items():
        exists_from = min((end for _, end, what in observations if what != "missing"), default=None)
        final = [(end, what) for _, end, what in observations if what in FINAL]
        for begin, _, what in observations:
            if what == "missing" and exists_from is not None and begin > exists_from:
                verdict.add("missing after it was acknowledged", id)
            if what != "exists" and any(begin > end and what != told for end, told in final):
                verdict.add("a status went back", f"{id}: {what} after {final}")
        if id in stored and any(told != stored[id]["status"] for _, told in final):
            verdict.add("another end than was told", f"{id}: {final}, stored {stored[id]['status']}")


def cancels_are_kept(verdict, history, stored):
    for cancel in history.of("cancel", "ok"):
        status = stored.get(cancel.subject, {}).get("status")
        if cancel.result == "cancelled" and status != "cancelled":
            verdict.add("an acknowledged cancel is lost", f"{cancel.subject} is {status}")
        if cancel.result == "ended" and status not in FINAL:
            verdict.add("told that it had ended, which it had not", cancel.subject)


def journals_are_whole(verdict, stored, events):
    for id, journal in events.items():
        if [e["seq"] for e in journal] != list(range(1, len(journal) + 1)):
            verdict.add("a journal with a gap or a repetition", id)
            continue
        types = [e["type"] for e in journal]
        ends = [t for t in types if t in ("execution.completed", "execution.faulted", "execution.cancelled")]
        if types[0] != "execution.started" or types[-1] != f"execution.{stored[id]['status']}" or len(ends) != 1:
            verdict.add("a journal that does not go from its start to its end", f"{id}: {types[0]} ... {types[-1]}, {len(ends)} ends")
        opened = collections.Counter(e["task_id"] for e in journal if e["type"] == "task.started" and stored[id]["workflow"] not in ("endless",))
        if max(opened.values(), default=0) > 1:
            verdict.add("a task that began twice", id)


def effects_have_executions(verdict, stored, effects):
    for key in effects.first:
        if key is None or key.rsplit(".", 1)[0] not in stored:
            verdict.add("a call without an execution", str(key))
    for key in effects.differing:
        verdict.add("one key, two requests", str(key))
