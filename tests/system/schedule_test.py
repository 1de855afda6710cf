"""Schedules as people and programs use them, and that each due time starts one execution whatever happens to the process."""

import datetime
import os
import random
import time
import unittest

from harness import SystemTest, document, until

SEED = int(os.environ.get("ELEVAITE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = int(os.environ.get("ELEVAITE_TEST_KILLS", 8))


def at(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def utc(time_):
    return time_.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ScheduleTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, tasks in {"quick": "- s: {set: {got: '${ . }'}}\n", "slow": "- w: {wait: {seconds: 60}}\n",
                            "failing": "- r: {raise: {error: {type: 'urn:test:no', status: 500}}}\n"}.items():
            reply = cls.server.publish(document(name, tasks))
            assert reply.status == 201, reply.body

    def call(self, method, path, body=None):
        return self.server.request(method, path, body if body is None else dict(body))

    def create(self, **draft):
        reply = self.call("POST", "/v1/schedules", draft)
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json

    def get(self, schedule):
        return self.server.get(f"/v1/schedules/{schedule}").json

    def executions_of(self, workflow):
        items, cursor = [], ""
        while True:
            page = self.server.get(f"/v1/executions?workflow={workflow}&limit=200&cursor={cursor}").json
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items

    def refused(self, status, message, **draft):
        reply = self.call("POST", "/v1/schedules", {"workflow": "quick", "times": [{"every": "1h"}], **draft})
        self.assertEqual((reply.status, reply.json["detail"]), (status, message))


class Objects(ScheduleTest):
    def test_a_schedule_is_made_read_changed_and_deleted(self):
        made = self.create(id="nightly", workflow="quick", timezone="Europe/Berlin", times=[{"cron": "30 2 * * MON-FRI"}],
                           exclude=[{"date": "2026-12-25"}], input={"n": 1}, description="The report of the night")
        self.assertEqual((made["namespace"], made["workflow"], made["version"], made["origin"], made["input"]),
                         ("test", "quick", None, "object", {"n": 1}))
        self.assertEqual((made["overlap"], made["catch_up"], made["paused"]), ("skip", "one", False))
        self.assertEqual(len(made["upcoming"]), 5)
        self.assertEqual(made["next_at"], made["upcoming"][0]["at"])
        self.assertIn(made["upcoming"][0]["local"][10:16], "T02:30 T03:00")
        self.assertEqual(self.call("POST", "/v1/schedules", {"id": "nightly", "workflow": "quick", "times": [{"every": "1h"}]}).status, 409)
        changed = self.call("PATCH", "/v1/schedules/nightly", {"overlap": "buffer_one", "times": [{"every": "2h", "offset": "5m"}]})
        self.assertEqual((changed.status, changed.json["overlap"], changed.json["times"]), (200, "buffer_one", [{"every": "2h", "offset": "5m"}]))
        self.assertEqual((changed.json["input"], changed.json["exclude"]), ({"n": 1}, [{"date": "2026-12-25"}]))
        self.assertEqual(self.call("PATCH", "/v1/schedules/nightly", {"overlap": None}).json["overlap"], "skip")
        self.assertEqual(self.call("DELETE", "/v1/schedules/nightly").status, 204)
        self.assertEqual(self.server.get("/v1/schedules/nightly").status, 404)

    def test_one_without_an_id_gets_one_of_its_workflow(self):
        self.assertRegex(self.create(workflow="quick", times=[{"every": "1h"}])["id"], "^quick-[0-9a-z]{6}$")

    def test_lists_have_pages_and_filters(self):
        for i in range(5):
            self.create(id=f"list-{i}", workflow="slow", times=[{"every": "1h"}], paused=i == 3, note="later" if i == 3 else "")
        first = self.server.get("/v1/schedules?query=list-&limit=3").json
        rest = self.server.get(f"/v1/schedules?query=list-&limit=3&cursor={first['next_cursor']}").json
        self.assertEqual([one["id"] for one in first["items"] + rest["items"]], [f"list-{i}" for i in range(5)])
        self.assertIsNone(rest["next_cursor"])
        paused = self.server.get("/v1/schedules?workflow=test.slow&paused=true").json["items"]
        self.assertEqual([(one["id"], one["note"], one["next_at"], one["last"]) for one in paused], [("list-3", "later", None, None)])
        window = self.server.get("/v1/schedules?query=list-0&from=2030-01-01T00:00:00Z&until=2030-01-02T00:00:00Z").json["items"][0]
        self.assertEqual((len(window["upcoming"]), window["upcoming"][0]["at"]), (24, "2030-01-01T00:00:00.000Z"))

    def test_bad_input_is_refused_by_name(self):
        self.refused(400, "workflow: no workflow 'none'", workflow="none")
        self.refused(400, "times[0].cron: this is never due: there is no such day", times=[{"cron": "0 0 31 2 *"}])
        self.refused(400, "times[0].calendar is never due: there is no such day", times=[{"calendar": {"months": 2, "days": 30}}])
        self.refused(400, "times must have at least one entry", times=[])
        self.refused(400, "exclude may have 1000 entries at most", exclude=[{"date": "2026-01-01"}] * 1001)
        self.refused(400, "the schedule would never start anything from now on", end_at="2001-01-01T00:00:00Z")
        self.refused(400, "the schedule would never start anything from now on", times=[{"cron": "* * * * *"}], exclude=[{"cron": "* * * * *"}])
        self.refused(400, "start_at cannot be \"10000-01-01T00:00:00Z\"", start_at="10000-01-01T00:00:00Z")
        self.refused(400, "timezone: there is no time zone 'Mars/Olympus'", timezone="Mars/Olympus")
        self.refused(400, "id must have 1 to 63 of a-z, 0-9 and -, and begin and end with a letter or digit", id="No.Dots")
        self.refused(400, "colour is not known", colour="red")
        self.refused(400, "input may have 64 KiB at most", input="x" * 70_000)
        self.assertEqual(self.call("PATCH", "/v1/schedules/none", {"overlap": "skip"}).status, 404)
        self.assertEqual(self.call("POST", "/v1/schedules/none/trigger").status, 404)

    def test_the_year_9999_and_a_thousand_exclusions_are_taken(self):
        last = self.create(workflow="quick", times=[{"calendar": {"years": [9999], "months": [12], "days": [31]}}])
        self.assertEqual([one["at"] for one in last["upcoming"]], ["9999-12-31T00:00:00.000Z"])
        day = datetime.date(2026, 1, 1)
        days = [{"date": (day + datetime.timedelta(days=2 * i)).isoformat()} for i in range(1000)]
        many = self.create(workflow="quick", times=[{"cron": "0 0 * * *"}], exclude=days)
        self.assertTrue(all((at(one["at"]).date() - day).days % 2 == 1 for one in many["upcoming"]))

    def test_a_preview_says_what_clocks_do_to_a_time(self):
        draft = {"timezone": "Europe/Berlin", "times": [{"cron": "30 2 * * *"}], "count": 3}
        spring = self.call("POST", "/v1/schedules/preview", {**draft, "from": "2026-03-28T00:00:00Z"}).json["upcoming"]
        self.assertEqual([one["local"] for one in spring],
                         ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"])
        self.assertEqual(spring[1]["clock"], "skipped")
        self.assertEqual(spring[1]["remark"], "Clocks jump over 02:30 on this day; it starts right behind the gap, at 03:00")
        autumn = self.call("POST", "/v1/schedules/preview", {**draft, "from": "2026-10-25T00:00:00Z"}).json["upcoming"]
        self.assertEqual((autumn[0]["at"], autumn[0]["clock"]), ("2026-10-25T00:30:00.000Z", "repeated"))
        self.assertNotIn("clock", autumn[1])
        jitter = self.call("POST", "/v1/schedules/preview", {**draft, "jitter": "10m"}).json["upcoming"][0]
        self.assertTrue(at(jitter["at"]) <= at(jitter["starts_at"]) < at(jitter["at"]) + datetime.timedelta(minutes=10))


class Starts(ScheduleTest):
    def recent(self, schedule, count=1):
        return until(lambda: (lambda r: len(r) >= count and r)(self.get(schedule)["recent"]), what=schedule)

    def test_times_start_executions_within_a_second(self):
        self.create(id="beat", workflow="quick", times=[{"every": "1s"}], input={"n": 7}, overlap="allow")
        runs = [one for one in self.recent("beat", 3) if one["what"] == "started"]
        for one in runs:
            run = self.server.get(f"/v1/executions/{one['execution']}").json
            self.assertEqual((run["trigger"], run["correlation_id"], run["input"]), ("schedule", "schedule:beat", {"n": 7}))
            self.assertLess(at(run["created_at"]) - at(one["at"]), datetime.timedelta(seconds=1))
        self.call("DELETE", "/v1/schedules/beat")

    def test_a_running_execution_makes_the_next_start_be_skipped(self):
        self.create(id="slowly", workflow="slow", times=[{"every": "1s"}])
        recent = self.recent("slowly", 3)
        self.assertEqual([one["what"] for one in recent[-3:]], ["skipped", "skipped", "started"])
        self.assertEqual(self.get("slowly")["running"], [recent[-1]["execution"]])
        self.call("DELETE", "/v1/schedules/slowly")

    def test_cancel_other_takes_the_place_of_what_runs(self):
        self.create(id="newest", workflow="slow", times=[{"every": "2s"}], overlap="cancel_other")
        runs = [one for one in self.recent("newest", 2) if one["what"] == "started"]
        self.assertEqual(runs[-1]["status"], "cancelled")
        self.call("DELETE", "/v1/schedules/newest")

    def test_a_failure_pauses_and_says_why(self):
        self.create(id="fragile", workflow="failing", times=[{"every": "1s"}], pause_on_failure=True)
        paused = until(lambda: (lambda s: s["paused"] and s)(self.get("fragile")))
        self.assertEqual(paused["note"], f"paused by itself: execution {paused['recent'][-1]['execution']} faulted")
        self.assertIsNone(paused["next_at"])

    def test_a_trigger_starts_now_and_a_backfill_what_has_passed(self):
        self.create(id="filled", workflow="quick", times=[{"cron": "0 0 * * *"}])
        started = self.call("POST", "/v1/schedules/filled/trigger")
        self.assertEqual(started.status, 201, started.body)
        self.assertEqual(self.get("filled")["recent"][0]["execution"], started.json["execution"])
        wanted = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-05T00:00:00Z"}
        foreseen = self.call("POST", "/v1/schedules/filled/backfill", {**wanted, "dry_run": True}).json
        self.assertEqual((foreseen["count"], foreseen["times"][0]["at"], foreseen["too_many"]), (5, "2026-01-01T00:00:00.000Z", False))
        self.assertEqual(self.call("POST", "/v1/schedules/filled/backfill", wanted).status, 202)
        filled = until(lambda: (lambda r: len(r) == 6 and r)(self.get("filled")["recent"]))
        self.assertEqual([one["at"][:10] for one in filled[:5]], [f"2026-01-0{day}" for day in (5, 4, 3, 2, 1)])
        until(lambda: self.get("filled")["backfills"] == [])
        many = self.call("POST", "/v1/schedules/filled/backfill", {"from": "1990-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"})
        self.assertEqual((many.status, many.json["detail"]), (400, "the schedule has more than 1000 times in this range"))

    def test_the_schedule_of_a_document_is_one_of_them(self):
        self.server.publish(document("own", "- s: {set: {x: 1}}\n", "schedule: {cron: '0 3 * * *'}\n"))
        own = self.get("test.own")
        self.assertEqual((own["origin"], own["times"], own["overlap"], own["version"]), ("document", [{"cron": "0 3 * * *"}], "allow", "1.0.0"))
        changed = self.call("PATCH", "/v1/schedules/test.own", {"timezone": "Asia/Kathmandu", "overlap": "skip", "exclude": [{"calendar": {"weekdays": ["SUN"]}}]})
        self.assertEqual((changed.status, changed.json["next_at"][11:16]), (200, "21:15"), changed.body)
        self.assertEqual(self.call("PATCH", "/v1/schedules/test.own", {"times": []}).status, 400)
        self.assertEqual(self.call("DELETE", "/v1/schedules/test.own").status, 409)
        newer = document("own", "- s: {set: {x: 2}}\n", "schedule: {cron: '0 4 * * *'}\n").replace("1.0.0", "1.1.0")
        self.assertEqual(self.server.publish(newer).status, 201)
        own = self.get("test.own")
        self.assertEqual((own["times"], own["overlap"], own["timezone"], own["next_at"][11:16]), ([{"cron": "0 4 * * *"}], "skip", "Asia/Kathmandu", "22:15"))
        without = document("own", "- s: {set: {x: 3}}\n").replace("1.0.0", "1.2.0")
        self.server.publish(without)
        self.assertEqual(self.server.get("/v1/schedules/test.own").status, 404)
        self.assertNotIn("test.own", [one["id"] for one in self.server.get("/v1/schedules?query=own").json["items"]])


class Crashes(ScheduleTest):
    def test_each_due_time_starts_one_execution_over_kills(self):
        rng = random.Random(SEED)
        print(f"seed {SEED}")
        made = self.create(id="exact", workflow="quick", times=[{"every": "1s"}], overlap="allow", catch_up="all")
        for _ in range(KILLS):
            time.sleep(rng.random() * 1.3)  # also right at a firing
            self.server.kill()
            time.sleep(rng.random() * 1.2)
            self.server.start()
        time.sleep(1.5)
        paused = self.call("POST", "/v1/schedules/exact/pause").json
        last = max(at(one["at"]) for one in paused["recent"])
        first = at(made["next_at"])
        due = [utc(first + datetime.timedelta(seconds=i)) for i in range(int((last - first).total_seconds()) + 1)]
        runs = [self.server.get(f"/v1/executions/{run['id']}").json for run in self.executions_of("quick")]
        self.assertEqual({run["correlation_id"] for run in runs}, {"schedule:exact"})
        self.assertEqual({run["status"] for run in runs}, {"completed"})
        self.assertEqual(len(runs), len(due), f"from {due[0]} to {due[-1]}")
        times = sorted(id_time(run["id"]) for run in runs)
        self.assertEqual(times, [int(at(one).timestamp() * 1000) for one in due])


def id_time(execution):
    """The milliseconds in an id: those that the start was due at."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for c in execution.removeprefix("exe_"):
        number = number * 32 + alphabet.index(c)
    return number >> 80


if __name__ == "__main__":
    unittest.main()
