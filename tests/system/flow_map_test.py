"""flow.map: a workflow for each item of a list, also over kill -9."""

import time
import unittest

from harness import SystemTest, document, until

PART = """
- check: {switch: [{bad: {when: '${ .fail == true }', then: refuse}}, {good: {then: pause}}]}
- refuse: {raise: {error: {type: 'https://example.com/errors/bad-item', status: 422, title: A bad item}}}
- pause: {wait: '${ {milliseconds: .ms} }'}
- answer: {set: {square: '${ .n * .n }'}}
""".lstrip()


def mapping(name, more="", workflow="part"):
    return document(name, f"""
- all:
    call: flow.map
    with:
      items: '${{ .items }}'
      workflow: {{namespace: test, name: {workflow}, version: '1.0.0'}}
      {more}
""".lstrip())


def items(count, ms=0, **more):
    return {"items": [{"n": n, "ms": ms, **more} for n in range(count)]}


class FlowMap(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for source in (document("part", PART), mapping("five", "concurrency: 5"), mapping("ten"), mapping("collecting", "onError: collect"),
                       mapping("nowhere", workflow="missing"), mapping("hasty", "concurrency: ${ .concurrency }")):
            reply = cls.server.publish(source)
            assert reply.status == 201, reply.body

    def parts(self, **wanted):
        found, cursor = [], ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?limit=200{'&cursor=' + cursor if cursor else ''}").json
            found += [one for one in page["items"] if one["workflow"] == "part" and all(one[k] == v for k, v in wanted.items())]
            cursor = page["next_cursor"]
        return found

    def test_gives_the_outputs_in_the_order_of_the_items(self):
        given = items(40)
        for item in given["items"]:
            item["ms"] = (item["n"] * 7) % 30
        run = self.server.run("ten", given).json
        self.assertEqual(run["output"], [{"square": n * n} for n in range(40)], run)
        self.assertEqual(self.server.run("ten", {"items": []}).json["output"], [])

    def test_runs_no_more_at_a_time_than_asked(self):
        started = self.server.run("five", items(17, ms=200), wait="0s").json["id"]
        seen = 0
        while self.server.get(f"/v1/executions/{started}").json["status"] not in ("completed", "faulted"):
            seen = max(seen, len([one for one in self.parts(parent=started) if one["status"] in ("running", "waiting")]))
        self.assertEqual(len(self.parts(parent=started)), 17)
        self.assertLessEqual(seen, 5)
        self.assertGreater(seen, 1)

    def test_stops_at_the_first_error(self):
        given = items(30, ms=60_000)
        given["items"][3]["fail"] = True
        run = self.server.run("ten", given).json
        self.assertEqual(run["error"]["type"], "https://example.com/errors/bad-item", run)
        self.assertEqual(run["error"]["status"], 422)
        parts = self.parts(parent=run["id"])
        self.assertEqual(sorted({one["status"] for one in parts}), ["cancelled", "faulted"])
        self.assertLessEqual(len(parts), 11)

    def test_collects_errors_when_asked(self):
        given = items(3)
        given["items"][1]["fail"] = True
        output = self.server.run("collecting", given).json["output"]
        self.assertEqual(output[0], {"output": {"square": 0}})
        self.assertEqual(output[1]["error"]["status"], 422)
        self.assertEqual(output[2], {"output": {"square": 4}})

    def test_is_cancelled_with_all_it_runs(self):
        started = self.server.run("ten", items(20, ms=60_000), wait="0s").json["id"]
        until(lambda: len(self.parts(parent=started)) == 10, what="ten run")
        self.assertEqual(self.server.request("POST", f"/v1/executions/{started}/cancel", {}).status, 200)
        until(lambda: {one["status"] for one in self.parts(parent=started)} == {"cancelled"}, what="all are cancelled")
        self.assertEqual(len(self.parts(parent=started)), 10)

    def test_begins_nothing_more_once_it_is_cancelled(self):
        started = self.server.run("collecting", items(20, ms=60_000), wait="0s").json["id"]
        until(lambda: len(self.parts(parent=started)) == 10, what="ten run")
        self.assertEqual(self.server.request("POST", f"/v1/executions/{started}/cancel", {}).status, 200)
        until(lambda: {one["status"] for one in self.parts(parent=started)} == {"cancelled"}, what="all are cancelled")
        time.sleep(0.5)
        self.assertEqual(len(self.parts(parent=started)), 10)

    def test_goes_on_after_kill(self):
        started = self.server.run("five", items(40, ms=150), wait="0s").json["id"]
        for ended in (5, 15, 25):
            until(lambda: len(self.parts(parent=started, status="completed")) >= ended, what=f"{ended} have ended")
            self.server.kill()
            self.server.start()
        until(lambda: self.server.get(f"/v1/executions/{started}").json["status"] == "completed", 60, "the whole ends")
        run = self.server.get(f"/v1/executions/{started}").json
        self.assertEqual(run["output"], [{"square": n * n} for n in range(40)])
        self.assertEqual(len(self.parts(parent=started)), 40, "each was run once")

    def test_refuses_what_it_cannot_do(self):
        for name, value, error in (("ten", {"items": 3}, "validation"), ("ten", {"items": [0] * 10_001}, "validation"),
                                   ("hasty", {"items": [1], "concurrency": 0}, "validation"), ("nowhere", {"items": [1]}, "configuration")):
            run = self.server.run(name, value).json
            self.assertTrue(run["error"]["type"].endswith("/" + error), run)


if __name__ == "__main__":
    unittest.main(verbosity=2)
