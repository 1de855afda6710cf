"""The routes, as a client sees them."""

import json
import os
import threading
import time
import unittest

from harness import ROOT, SystemTest, document, example_documents, until


class Workflows(SystemTest):
    def test_publish_unchanged_and_conflict(self):
        source = document("greet", "- hello: {set: {text: '${ \"Hello \" + .name }'}}\n")
        first = self.server.publish(source)
        self.assertEqual(first.status, 201, first.body)
        self.assertEqual(first.json["version"], "1.0.0")
        self.assertEqual(self.server.publish(source).status, 200)
        other = self.server.publish(source.replace("Hello", "Hi"))
        self.assertEqual(other.status, 409)
        self.assertEqual(other.json["code"], "version_exists")
        self.assertEqual(other.json["suggested_version"], "1.0.1")
        self.assertEqual(other.headers["content-type"], "application/problem+json")
        newer = self.server.publish(source.replace("Hello", "Hi").replace("version: '1.0.0'", "version: '1.0.1'"))
        self.assertEqual(newer.status, 201)
        third = self.server.publish(source.replace("Hello", "Hey"))
        self.assertEqual(third.json["suggested_version"], "1.0.2", "1.0.1 is taken by now")
        versions = self.server.get("/v1/workflows/greet/versions").json["items"]
        self.assertEqual([v["version"] for v in versions], ["1.0.1", "1.0.0"])
        self.assertEqual([v["latest"] for v in versions], [True, False])
        self.assertEqual(self.server.get("/v1/workflows/greet/versions/1.0.0").json["source"], source)
        self.assertEqual(self.server.get("/v1/workflows/test.greet").json["version"], "1.0.1")
        self.assertEqual(self.server.run("greet", {"name": "Ada"}).json["output"], {"text": "Hi Ada"})
        old = self.server.request("POST", "/v1/workflows/greet/executions?version=1.0.0&wait=10s", {"name": "Ada"})
        self.assertEqual(old.json["output"], {"text": "Hello Ada"})

    def test_diagnostics_name_the_place(self):
        reply = self.server.publish("document: {dsl: '1.0.3', namespace: t, name: bad, version: '1.0.0'}\ndo:\n  - a:\n      sett: {x: 1}\n")
        self.assertEqual(reply.status, 422)
        first = reply.json["diagnostics"][0]
        self.assertEqual(first["line"], 4)
        self.assertTrue(first["code"].startswith("DSL0"))
        self.assertIn("set", first.get("hint", "") + first["message"])

    def test_check_stores_nothing(self):
        source = document("never-stored", "- a: {set: {x: 1}}\n")
        checked = self.server.request("POST", "/v1/dsl/check", source).json
        self.assertTrue(checked["valid"])
        self.assertEqual(checked["outline"]["tasks"][0]["name"], "a")
        self.assertEqual(self.server.get("/v1/workflows/never-stored").status, 404)

    def test_list_search_and_pages(self):
        for i in range(5):
            self.server.publish(document(f"page-{i}", "- a: {set: {x: 1}}\n"))
        names, cursor = [], ""
        while True:
            page = self.server.get(f"/v1/workflows?query=page-&limit=2&cursor={cursor}").json
            names += [w["name"] for w in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]
        self.assertEqual(names, [f"page-{i}" for i in range(5)])

    def test_unknown_things(self):
        for path in ("/v1/workflows/nope", "/v1/executions/exe_00000000000000000000000000", "/v1/executions/what", "/hooks/nope"):
            reply = self.server.get(path)
            self.assertEqual(reply.status, 404, path)
            self.assertEqual(reply.json["code"], "not_found")
            self.assertTrue(reply.json["request_id"])
        self.assertEqual(self.server.request("DELETE", "/v1/workflows").status, 405)
        self.assertEqual(self.server.get("/v1/executions?status=odd").status, 400)
        self.assertEqual(self.server.get("/v1/executions?limit=0").status, 400)


class LanguageTools(SystemTest):
    """/v1/dsl/*: what editors and agents use to write documents."""

    def post(self, path, body):
        return self.server.request("POST", "/v1/dsl/" + path, body)

    def test_edit_changes_what_is_named_and_nothing_else(self):
        source = document("edit-me", "# first\n- a: {set: {x: 1}, then: b}  # why\n- b: {wait: PT1S}\n")
        reply = self.post("edit", {"source": source, "operations": [
            {"op": "rename", "task": "/do/1/b", "name": "pause"},
            {"op": "add", "list": "/do", "name": "c", "task": {"set": {"done": True}}}]})
        self.assertEqual(reply.status, 200, reply.body)
        edited = reply.json
        self.assertTrue(edited["valid"], edited["diagnostics"])
        self.assertIn("# first\n- a: {set: {x: 1}, then: pause}  # why\n", edited["source"])
        self.assertEqual([n["id"] for n in edited["graph"]["nodes"]], ["/do/0/a", "/do/1/pause", "/do/2/c"])
        self.assertEqual([t["name"] for t in edited["outline"]["tasks"]], ["a", "pause", "c"])
        lines = source.split("\n")
        for change in reversed(edited["changes"]):
            begin, end = ((p["line"] - 1, p["column"] - 1) for p in (change["from"], change["to"]))
            text = "\n".join(lines)
            at = [sum(len(line) + 1 for line in lines[:row]) + column for row, column in (begin, end)]
            lines = (text[:at[0]] + change["insert"] + text[at[1]:]).split("\n")
        self.assertEqual("\n".join(lines), edited["source"])

    def test_edit_is_all_or_nothing_and_says_why(self):
        source = document("edit-me", "- a: {set: {x: 1}}\n- b: {wait: PT1S}\n")
        taken = self.post("edit", {"source": source, "operations": [
            {"op": "delete", "task": "/do/0/a"}, {"op": "add", "list": "/do", "name": "b", "task": {"wait": "PT1S"}}]})
        self.assertEqual((taken.status, taken.json["code"]), (409, "conflict"))
        self.assertIn("operations[1]", taken.json["detail"])
        self.assertEqual(self.post("edit", {"source": source, "operations": [{"op": "unset", "at": "/nope"}]}).status, 404)
        self.assertEqual(self.post("edit", {"source": "a: [", "operations": []}).json["code"], "invalid_workflow")
        for wrong in ({}, {"source": 5}, {"source": source}, {"source": source, "operations": [5]}, [], "x"):
            self.assertEqual(self.server.request("POST", "/v1/dsl/edit", json.dumps(wrong)).status, 400, wrong)

    def test_graph(self):
        source = document("graph", "- pick:\n    switch:\n      - yes: {when: .a, then: end}\n- go: {do: [{in: {wait: PT1S}}]}\n")
        graph = self.post("graph", {"source": source}).json
        self.assertEqual([(n["id"], n["kind"]) for n in graph["nodes"]],
                         [("/do/0/pick", "switch"), ("/do/1/go", "do"), ("/do/1/go/do/0/in", "wait")])
        self.assertIn({"from": "/do/0/pick", "to": "end", "kind": "case", "label": "yes"}, graph["edges"])
        self.assertEqual(self.post("graph", {"source": "\t"}).status, 422)

    def test_complete_and_hover_in_a_document_that_is_being_typed(self):
        source = document("typing", "- a:\n    call: http\n    with:\n      meth\n- b: {wait: PT1S}\n")
        done = self.post("complete", {"source": source, "line": 6, "column": 11}).json
        self.assertEqual((done["from"], done["to"]), ({"line": 6, "column": 7}, {"line": 6, "column": 11}))
        method = next(item for item in done["items"] if item["label"] == "method")
        self.assertEqual((method["kind"], method["insert"]), ("key", "method: "))
        self.assertTrue(method["documentation"])
        models = self.post("complete", {"source": document("x", "- a:\n    call: llm.generate\n    with:\n      \n"), "line": 6, "column": 7}).json
        self.assertIn("prompt", [item["label"] for item in models["items"]])
        hover = self.post("hover", {"source": source, "line": 4, "column": 6}).json
        self.assertIn("call", hover["markdown"])
        self.assertEqual(hover["range"]["from"], {"line": 4, "column": 5})
        self.assertIsNone(self.post("hover", {"source": document("x", "- a: {wait: PT1S}\n"), "line": 90, "column": 1}).json)
        for wrong in ({"line": 0, "column": 1}, {"line": 1}, {"line": "1", "column": 1}):
            self.assertEqual(self.post("complete", {"source": source, **wrong}).status, 400, wrong)

    def test_symbols_format_and_vocabulary(self):
        source = document("tree", "- a: {do: [{b: {wait: PT1S}}]} # why\n")
        symbols = self.post("symbols", {"source": source}).json["symbols"]
        self.assertEqual((symbols[0]["name"], symbols[0]["children"][0]["pointer"]), ("a", "/do/0/a/do/0/b"))
        self.assertEqual(symbols[0]["selection"]["from"], {"line": 3, "column": 3})
        formatted = self.post("format", {"source": source}).json["source"]
        self.assertIn("do:\n  - a:\n      do:\n        - b:\n            wait: PT1S # why\n", formatted)
        self.assertEqual(self.post("format", {"source": formatted}).json["source"], formatted)
        self.assertEqual(self.post("format", {"source": "a: ["}).status, 422)
        vocabulary = self.server.get("/v1/dsl/vocabulary").json
        self.assertIn("switch", vocabulary["task_kinds"])
        loop = next(o for o in vocabulary["objects"] if o["name"] == "for")
        self.assertEqual([k["name"] for k in loop["keys"]], ["each", "in", "at"])

    def test_diff(self):
        before = document("d", "- a: {wait: PT1S}\n- b: {set: {x: 1}}\n")
        after = document("d", "- b: {set: {x: 1}}\n").replace("version: '1.0.0'", "version: '1.0.1'")
        report = self.post("diff", {"before": before, "after": after}).json
        self.assertEqual((report["breaking"], [c["code"] for c in report["changes"]]), (1, ["DIFF010"]))
        self.assertEqual((report["changes"][0]["before"], report["changes"][0]["after"]), ("/do/0/a", None))
        self.assertEqual(self.post("diff", {"before": before}).status, 400)

    def test_explain(self):
        self.assertEqual(self.server.get("/v1/dsl/explain/DSL0101").json["severity"], "error")
        self.assertEqual(self.server.get("/v1/dsl/explain/DSL9999").status, 404)


class Executions(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.publish(document("double", "- a: {set: '${ . * 2 }'}\n"))
        cls.server.publish(document("slow", "- w: {wait: {seconds: 600}}\n"))
        cls.server.publish(document("brief", "- w: {wait: {milliseconds: 300}}\n- s: {set: {done: true}}\n"))
        cls.server.publish(document("fail", "- r: {raise: {error: {type: 'urn:test', status: 418, title: Teapot}}}\n"))

    def test_wait_answers_with_the_result_or_says_it_goes_on(self):
        done = self.server.run("double", 21)
        self.assertEqual((done.status, done.json["output"], done.json["status"]), (200, 42, "completed"))
        slow = self.server.run("slow", wait="100ms")
        self.assertEqual((slow.status, slow.json["status"]), (202, "waiting"))
        self.assertEqual(slow.json["waiting_for"][0]["reason"], "timer")
        self.assertEqual(slow.headers["location"], "/v1/executions/" + slow.json["id"])

    def test_big_integers_and_decimals_stay_as_they_are(self):
        self.server.publish(document("same", "- a: {set: '${ . }'}\n"))
        text = '{"id":9007199254740993,"price":1.10,"huge":123456789012345678901234567890}'
        reply = self.server.request("POST", "/v1/workflows/same/executions?wait=10s", text, {"content-type": "application/json"})
        self.assertIn(b'"output":' + text.encode(), reply.body)

    def test_idempotency_key(self):
        key = {"idempotency-key": "k1"}
        first = self.server.run("double", 1, headers=key)
        again = self.server.run("double", 1, headers=key)
        self.assertEqual(first.json["id"], again.json["id"])
        self.assertEqual(self.server.run("double", 2, headers=key).status, 409)
        ids = set()

        def start():
            ids.add(self.server.run("double", 5, headers={"idempotency-key": "k2"}).json["id"])

        threads = [threading.Thread(target=start) for _ in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertEqual(len(ids), 1)

    def test_one_key_sent_by_many_at_once(self):
        """The execution of the quickest may be over before the others are looked at."""
        rounds, senders = 100, 12
        together = threading.Barrier(senders)
        answers = [set() for _ in range(rounds)]

        def send():
            for i in range(rounds):
                together.wait(60)
                reply = self.server.run("double", i, wait="0s", headers={"idempotency-key": f"at-once-{i}"})
                answers[i].add((reply.json["id"] if reply.status in (200, 202) else reply.body))

        threads = [threading.Thread(target=send) for _ in range(senders)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertEqual([a for a in answers if len(a) != 1], [])
        self.assertIn("\nengine_commits_failed_total 0\n", self.server.get("/metrics").body.decode())

    def test_the_same_key_again_waits_for_the_same_end(self):
        key = {"idempotency-key": "k3"}
        self.assertIn(self.server.run("brief", wait="0s", headers=key).status, (200, 202))
        again = self.server.run("brief", wait="10s", headers=key)
        self.assertEqual((again.status, again.json["status"]), (200, "completed"))

    def test_many_who_wait_for_the_same_end_leave_room_for_a_start(self):
        key = {"idempotency-key": "k4"}
        started = self.server.run("slow", wait="0s", headers=key).json
        ends = []
        waiting = [threading.Thread(target=lambda: ends.append(self.server.run("slow", wait="30s", headers=key))) for _ in range(150)]
        [t.start() for t in waiting]
        until(lambda: self.server.metric("http_connections_open") >= len(waiting), 20, "all wait")
        time.sleep(0.2)  # nothing has ended for longer than is usual
        self.assertEqual([self.server.run("double", i).status for i in range(5)], [200] * 5)
        self.server.request("POST", f"/v1/executions/{started['id']}/cancel", {})
        [t.join() for t in waiting]
        self.assertEqual({(end.status, end.json["status"]) for end in ends}, {(200, "cancelled")})

    def test_cancel(self):
        started = self.server.run("slow", wait="0s").json
        cancelled = self.server.request("POST", f"/v1/executions/{started['id']}/cancel", {"reason": "test"})
        self.assertEqual((cancelled.status, cancelled.json["status"]), (200, "cancelled"))
        self.assertEqual(self.server.request("POST", f"/v1/executions/{started['id']}/cancel", {}).status, 200)
        done = self.server.run("double", 1).json
        self.assertEqual(self.server.request("POST", f"/v1/executions/{done['id']}/cancel", {}).status, 409)

    def test_faults_are_told(self):
        failed = self.server.run("fail").json
        self.assertEqual(failed["status"], "faulted")
        self.assertEqual(failed["error"]["status"], 418)
        self.assertEqual(failed["error"]["instance"], "/do/0/r")
        self.assertEqual(failed["tasks"][0]["status"], "faulted")

    def test_list_filters_and_pages(self):
        for i in range(5):
            self.server.run("double", i)
        self.server.run("fail")
        ids, cursor = [], ""
        while True:
            page = self.server.get(f"/v1/executions?workflow=double&limit=2&cursor={cursor}").json
            ids += [e["id"] for e in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreaterEqual(len(ids), 5)
        self.assertEqual(ids, sorted(ids, reverse=True), "newest first")
        faulted = self.server.get("/v1/executions?status=faulted,cancelled").json["items"]
        self.assertTrue(faulted and all(e["status"] in ("faulted", "cancelled") for e in faulted))
        self.assertEqual(self.server.get("/v1/executions?until=2020-01-01T00:00:00Z").json["items"], [])

    def test_executions_are_found_by_tags_attributes_and_the_rest(self):
        self.server.publish("""document:
  dsl: '1.0.3'
  namespace: test
  name: found
  version: '1.0.0'
  tags: {team: sales}
  metadata: {elevaite: {attributes: {order: '${ .order.id }', total: '${ .order.total }', broken: '${ error("no") }'}}}
do: [{check: {if: '${ .order.id == "b" }', raise: {error: {type: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication', status: 503}}}}]
""")
        a = self.server.run("found", {"order": {"id": "a", "total": 17}}).json
        b = self.server.run("found", {"order": {"id": "b"}}).json
        self.assertEqual((a["tags"], a["attributes"]), ({"team": "sales"}, {"order": "a", "total": "17"}))
        self.assertEqual(b["attributes"], {"order": "b"})

        def ids(query):
            return [e["id"] for e in self.server.get("/v1/executions?workflow=found&" + query).json["items"]]
        until(lambda: ids("tag=team%3Dsales") == [b["id"], a["id"]], what="searches follow")
        self.assertEqual(ids("tag=team=sales&attribute=order=a&attribute=total=17"), [a["id"]])
        self.assertEqual(ids("attribute=team=sales"), [])
        self.assertEqual(ids("error=communication&version=1.0.0"), [b["id"]])
        self.assertEqual(ids("id=" + a["id"][:24] + "&status=completed"), [a["id"]])
        self.assertEqual(ids("finished_since=" + b["finished_at"]), [b["id"]])
        found = self.server.cli("executions", "ls", "--tag", "team=sales", "--attribute", "order=b", "--json")
        self.assertEqual([e["id"] for e in json.loads(found.stdout)["items"]], [b["id"]])

    def test_what_has_ended_can_be_deleted(self):
        ended = self.server.run("double", 4).json["id"]
        self.assertEqual(self.server.request("DELETE", f"/v1/executions/{ended}").status, 204)
        self.assertEqual(self.server.get(f"/v1/executions/{ended}").status, 404)
        self.assertEqual(self.server.request("DELETE", f"/v1/executions/{ended}").status, 404)
        self.server.publish(document("lasting", "- w: {wait: {hours: 1}}\n"))
        running = self.server.run("lasting", wait="0s").json["id"]
        reply = self.server.request("DELETE", f"/v1/executions/{running}")
        self.assertEqual((reply.status, reply.json["code"]), (409, "conflict"))
        self.server.request("POST", f"/v1/executions/{running}/cancel")
        self.assertEqual(self.server.request("DELETE", f"/v1/executions/{running}").status, 204)
        self.assertIn("executions_purged_total 2", self.server.get("/metrics").body.decode())

    def test_a_filter_that_means_nothing_is_refused(self):
        for query, word in (("worklow=x", "worklow"), ("tag=team", "team"), ("id=exe_0199", "0199"), ("id=uuuuuuuuuuuu", "beginning"), ("parent=x", "id"), ("cursor=x", "cursor"),
                            ("since=yesterday", "since"), ("status=faulted&status=running", "status"),
                            ("&".join(["tag=a=b"] * 5), "4")):
            reply = self.server.get("/v1/executions?" + query)
            self.assertEqual(reply.status, 400, query)
            self.assertIn(word, reply.json["detail"] + reply.json.get("hint", ""), query)

    def test_events_as_json_and_live(self):
        started = self.server.run("brief", wait="0s").json
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request("GET", f"/v1/executions/{started['id']}/events", headers={"accept": "text/event-stream"})
        stream = connection.getresponse().read().decode()
        connection.close()
        self.assertIn("event: execution.started", stream)
        self.assertTrue(stream.rstrip().split("\n\n")[-1].count("event: end"))
        events = self.server.get(f"/v1/executions/{started['id']}/events").json["items"]
        self.assertEqual([e["seq"] for e in events], list(range(1, len(events) + 1)))
        self.assertEqual(events[-1]["type"], "execution.completed")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request("GET", f"/v1/executions/{started['id']}/events",
                           headers={"accept": "text/event-stream", "last-event-id": str(events[-2]["seq"])})
        rest = connection.getresponse().read().decode()
        connection.close()
        self.assertNotIn("execution.started", rest)
        self.assertIn("execution.completed", rest)

    def test_webhook(self):
        self.server.publish_file("route-lead.yaml")
        hook = self.server.webhook("route-lead", "leads/new", response={"wait": "10s"})
        answer = self.server.request("POST", hook["url"], {"name": "Ada", "employees": 640, "country": "GB"},
                                     headers={"authorization": "Bearer very-secret"})
        self.assertEqual((answer.status, answer.json), (200, {"lead": "Ada", "team": "enterprise", "score": 84}))
        journal = self.server.get(f"/v1/executions/{answer.headers['x-execution-id']}/events").body
        self.assertNotIn(b"very-secret", journal)
        self.assertEqual(self.server.get("/hooks/leads/new").status, 405)
        self.assertEqual(self.server.get("/v1/workflows/route-lead").json["webhooks"], 1)
        self.assertEqual(self.server.request("DELETE", "/v1/webhooks/" + hook["id"]).status, 204)
        self.assertEqual(self.server.request("POST", "/hooks/leads/new", {}).status, 404)


class Examples(SystemTest):
    def test_each_runs(self):
        for name in example_documents():
            self.server.publish_file(name)
        with open(os.path.join(ROOT, "examples/data/orders.csv")) as f:
            report = self.server.request("POST", "/v1/workflows/triage-orders/executions?wait=30s", f.read(), {"content-type": "text/csv"}).json
        self.assertEqual(report["status"], "completed", report)
        out = report["output"]
        self.assertEqual(out["orders"], 40)
        self.assertEqual(len(out["express"]) + len(out["standard"]) + len(out["review"]) + len(out["reject"]), 40)
        self.assertEqual(len(out["reject"]), 2)
        platform = self.server.run("check-platform").json
        self.assertEqual(platform["output"]["health"], "ok", platform)
        self.assertIn("triage-orders", platform["output"]["workflows"])
        paid = self.server.run("charge-card", {"order": "1", "amount": 50, "limit": 200}).json
        self.assertTrue(paid["output"]["charged"])
        refused = self.server.run("charge-card", {"order": "1", "amount": 500, "limit": 200}).json
        self.assertEqual(refused["output"]["released"], "stock-for-1", refused)
        self.assertEqual(refused["output"]["reason"], "the limit is 200, the amount 500")
        reminded = self.server.run("remind-later", {"text": "x", "seconds": 1}).json
        self.assertEqual(reminded["output"]["reminder"], "x")
        for name in ("summarise-sales", "triage-orders", "charge-card", "route-lead"):
            sample = self.server.get(f"/v1/workflows/{name}").json["sample_input"]
            self.assertEqual(self.server.run(name, sample).json["status"], "completed", name)
        no_model = self.server.run("summarise-and-route", {"message": "Hi"}).json
        self.assertEqual(no_model["status"], "faulted")
        self.assertIn("models.base_url", no_model["error"]["detail"])


class Description(SystemTest):
    def test_every_path_of_the_description_is_served(self):
        api = self.server.get("/openapi.json").json
        self.assertEqual(api["openapi"], "3.1.0")
        for path, item in api["paths"].items():
            for method in ("get", "post", "put", "patch", "delete"):
                if method not in item:
                    continue
                concrete = path.replace("{name}", "none").replace("{id}", "exe_0").replace("{version}", "1").replace("{path}", "none")
                reply = self.server.request(method.upper(), concrete, "" if method != "get" else None)
                self.assertNotEqual(reply.status, 405, f"{method} {path}")
                self.assertNotIn(b"no route", reply.body)
        page = self.server.get("/docs/api")
        self.assertIn("text/html", page.headers["content-type"])
        self.assertIn(b"/v1/executions", page.body)

    def test_each_error_code_has_a_page(self):
        problem = self.server.get("/v1/workflows/none").json
        self.assertEqual(problem["type"], "/docs/errors/not_found")
        self.assertIn(b"not_found", self.server.get(problem["type"]).body)
        for name in os.listdir(os.path.join(ROOT, "docs/errors")):
            self.assertEqual(self.server.get("/docs/errors/" + name[:-3]).status, 200, name)

    def test_process_routes(self):
        self.assertEqual(self.server.get("/health").json, {"status": "ok"})
        metrics = self.server.get("/metrics").body.decode()
        for name in ("executions_started_total", "engine_commits_total", "http_requests_total", "process_resident_memory_bytes"):
            self.assertIn(name, metrics)
        names = [c["name"] for c in self.server.get("/v1/connectors").json["items"]]
        self.assertEqual(names, ["http", "openapi", "llm.generate", "flow.map", "human.approve", "human.form"])
        self.assertTrue(self.server.doctor()["healthy"])

    def test_the_studio_is_served(self):
        page = self.server.get("/", headers={"accept": "text/html"})
        self.assertEqual(page.status, 200)
        self.assertIn("content-security-policy", page.headers)
        deep = self.server.get("/executions/exe_x", headers={"accept": "text/html"})
        self.assertEqual(deep.body, page.body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
