"""llm.generate against a model server that does what real ones do on bad days."""

import http.server
import json
import os
import threading
import time
import unittest

from harness import SystemTest, document, until

KEY = "sk-test-5e11f00d5e11f00d"
TYPES = "https://open-workflow-specification.org/spec/1.0.0/errors/"


class Model:
    """An OpenAI-compatible server. `script` holds answers to give in turn: a text, a status, (status, headers), or a number of
    seconds to say nothing; when it is empty, the prompt comes back."""

    def __init__(self):
        self.requests, self.script, self.lock = [], [], threading.Lock()
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with model.lock:
                    model.requests.append((self.path, dict(self.headers), body, time.monotonic()))
                    answer = model.script.pop(0) if model.script else body["messages"][-1]["content"]
                try:
                    self.answer(answer, body)
                except OSError:
                    pass  # the client has gone

            def answer(self, answer, body):
                if isinstance(answer, float):
                    time.sleep(answer)
                    answer = "late"
                status, headers = answer if isinstance(answer, tuple) else (answer if isinstance(answer, int) else 200, {})
                if status == 200:
                    value = {"model": body["model"], "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": answer}}],
                             "usage": {"prompt_tokens": 3, "completion_tokens": 5}}
                else:
                    value = {"error": {"message": f"status {status} for {self.headers['authorization']}"}}
                data = answer[4:].encode() if isinstance(answer, str) and answer.startswith("RAW:") else json.dumps(value).encode()
                self.send_response(status)
                for name, text in {"content-type": "application/json", "content-length": str(len(data)), **headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def expect(self, *answers):
        with self.lock:
            self.requests.clear()
            self.script[:] = answers

    def close(self):
        self.server.shutdown()
        self.server.server_close()


ASK = "- ask: {call: llm.generate, with: {prompt: '${ .message }'}}\n"
VALUE = "- ask: {call: llm.generate, with: {prompt: x, schema: {type: object, required: [a], properties: {a: {type: integer}}}}}\n- take: {set: '${ .value }'}\n"


class ModelTest(SystemTest):
    OPTIONS = None
    KEY_IN_FILE = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = Model()
        cls.server.options = (f"--models.base_url={cls.model.url}", "--models.default=small-1", "--models.timeout=1s", "--log.level=debug")
        if cls.KEY_IN_FILE:
            path = os.path.join(cls.folder, "key")
            with open(path, "w") as f:
                f.write(KEY + "\n")
            os.chmod(path, 0o600)
            cls.server.options += (f"--models.api_key_file={path}",)
        else:
            cls.server.env["ELEVAITE_MODELS_API_KEY"] = KEY
        cls.server.start()
        for name, tasks in (("ask", ASK), ("value", VALUE)):
            assert cls.server.publish(document(name, tasks)).status == 201
        cls.server.publish_file("summarise-and-route.yaml")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.model.close()

    def tearDown(self):
        self.assertNotIn(KEY, self.server.log_text())

    def run_one(self, name, value=None, wait="30s"):
        execution = self.server.run(name, value, wait=wait).json
        id = execution["id"]
        everything = json.dumps(execution) + self.server.get(f"/v1/executions/{id}/events").body.decode()
        self.assertNotIn(KEY, everything, "the key is nowhere in the execution")
        return execution

    def error_of(self, execution, kind):
        self.assertEqual(execution["status"], "faulted", execution)
        self.assertEqual(execution["error"]["type"], TYPES + kind, execution["error"])
        return execution["error"]


class Answers(ModelTest):
    def test_a_prompt(self):
        self.model.expect("Hello Ada")
        done = self.run_one("ask", {"message": "greet Ada"})
        self.assertEqual(done["output"], {"text": "Hello Ada", "model": "small-1", "finish_reason": "stop", "usage": {"input_tokens": 3, "output_tokens": 5}})
        path, headers, body, _ = self.model.requests[0]
        self.assertEqual((path, headers["authorization"]), ("/v1/chat/completions", "Bearer " + KEY))
        self.assertEqual(body, {"model": "small-1", "messages": [{"role": "user", "content": "greet Ada"}]})

    def test_messages_and_settings(self):
        self.server.publish(document("talk", "- ask: {call: llm.generate, with: {model: big-2, temperature: 0.2, max_tokens: 50, messages: '${ .messages }'}}\n"))
        messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Grüße"}]
        self.model.expect()
        self.assertEqual(self.run_one("talk", {"messages": messages})["output"]["text"], "Grüße")
        self.assertEqual(self.model.requests[0][2], {"model": "big-2", "messages": messages, "temperature": 0.2, "max_tokens": 50})

    def test_a_schema_gives_a_value(self):
        self.model.expect('{"a": 5}')
        self.assertEqual(self.run_one("value")["output"], {"a": 5})
        self.assertEqual(self.model.requests[0][2]["response_format"]["type"], "json_schema")
        self.model.expect('```json\n{"a": 6}\n```')
        self.assertEqual(self.run_one("value")["output"], {"a": 6})

    def test_the_example_routes(self):
        for team, queue in (("billing", "billing@"), ("technical", "support@"), ("sales", "sales@")):
            self.model.expect(json.dumps({"summary": "Charged twice.", "team": team}))
            done = self.run_one("summarise-and-route", {"message": "My invoice was charged twice"})
            self.assertEqual(done["output"], {"queue": queue, "summary": "Charged twice."})
            self.assertIn("My invoice was charged twice", self.model.requests[0][2]["messages"][0]["content"])

    def test_the_key_is_told_nowhere(self):
        for path in ("/v1/system", "/v1/connectors", "/metrics", "/v1/system/doctor"):
            self.assertNotIn(KEY, self.server.get(path).body.decode(), path)
        options = [o for o in self.server.options if o.startswith("--models")]
        shown = self.server.cli("config", *options)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertNotIn(KEY, shown.stdout + shown.stderr)
        self.assertTrue(self.server.get("/v1/system").json["models"]["configured"])


class AnswersWithTheKeyInAFile(Answers):
    KEY_IN_FILE = True


class BadDays(ModelTest):
    def test_a_busy_server_is_asked_again_when_it_says(self):
        self.model.expect((429, {"retry-after": "1"}), "at last")
        began = time.monotonic()
        done = self.run_one("ask", {"message": "x"})
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual(done["output"]["text"], "at last")
        task = done["tasks"][0]
        self.assertEqual(task["attempts"], 2)
        self.assertEqual(task["failures"][0]["error"]["status"], 429)
        keys = [headers.get("idempotency-key") for _, headers, _, _ in self.model.requests]
        self.assertEqual(len(keys), 2)
        self.assertEqual(len(set(keys)), 1, "the same call, the same key")

    def test_a_broken_server_is_given_up(self):
        self.model.expect(*[500] * 10)
        began = time.monotonic()
        error = self.error_of(self.run_one("ask", {"message": "x"}, wait="40s"), "communication")
        self.assertEqual(error["status"], 500)
        self.assertEqual(len(self.model.requests), 5)
        self.assertGreater(time.monotonic() - began, 10, "the pauses grow")
        pauses = [b[3] - a[3] for a, b in zip(self.model.requests, self.model.requests[1:])]
        self.assertGreater(pauses[-1], 3 * pauses[0], pauses)

    def test_refusals_are_not_repeated(self):
        for status, kind in ((401, "authentication"), (403, "authentication"), (400, "communication"), (404, "communication")):
            self.model.expect(status, status)
            error = self.error_of(self.run_one("ask", {"message": "x"}), kind)
            self.assertEqual((error["status"], len(self.model.requests)), (status, 1))

    def test_a_silent_server_times_out(self):
        self.model.expect(3.0, "in time")
        began = time.monotonic()
        done = self.run_one("ask", {"message": "x"})
        self.assertEqual(done["output"]["text"], "in time")
        self.assertEqual(done["tasks"][0]["failures"][0]["error"]["type"], TYPES + "timeout")
        self.assertLess(time.monotonic() - began, 20)

    def test_answers_that_cannot_be_used_are_asked_for_again(self):
        self.model.expect("I think it is five.", '{"a": 5}')
        done = self.run_one("value")
        self.assertEqual((done["output"], done["tasks"][0]["attempts"]), ({"a": 5}, 2))
        self.model.expect("RAW:<html>oops", 'RAW:{"choices": []}', '{"a": 7}')
        done = self.run_one("value")
        self.assertEqual((done["output"], done["tasks"][0]["attempts"]), ({"a": 7}, 3))

    def test_a_try_catches_what_a_model_does(self):
        self.server.publish(document("careful", "- t:\n    try: [{ask: {call: llm.generate, with: {prompt: x}}}]\n    catch: {as: problem, do: [{other: {set: '${ {gave_up: $problem.status} }'}}]}\n"))
        self.model.expect(401)
        self.assertEqual(self.run_one("careful")["output"], {"gave_up": 401})


class Crash(ModelTest):
    def test_a_paid_answer_is_not_asked_for_again(self):
        self.server.publish(document("pay", "- ask: {call: llm.generate, with: {prompt: x}}\n- w: {wait: {seconds: 2}}\n- last: {set: '${ {text} }'}\n"))
        self.model.expect("paid once")
        id = self.server.run("pay", wait="0s").json["id"]
        types = lambda: [e["type"] for e in self.server.get(f"/v1/executions/{id}/events").json["items"]]
        until(lambda: types().count("task.completed") == 1, 10, "the answer is in the journal", pause=0.005)
        self.server.kill()
        self.server.start()
        done = until(lambda: (e := self.server.get(f"/v1/executions/{id}").json)["status"] == "completed" and e, 10)
        self.assertEqual(done["output"], {"text": "paid once"})
        self.assertEqual(len(self.model.requests), 1)

    def test_a_call_that_died_is_made_again_with_the_same_key(self):
        self.model.expect(0.8, "second")
        id = self.server.run("ask", {"message": "x"}, wait="0s").json["id"]
        until(lambda: self.model.requests, 5, pause=0.005)
        self.server.kill()
        self.server.start()
        done = until(lambda: (e := self.server.get(f"/v1/executions/{id}").json)["status"] == "completed" and e, 10)
        self.assertEqual(done["output"]["text"], "second")
        keys = {headers.get("idempotency-key") for _, headers, _, _ in self.model.requests}
        self.assertEqual((len(self.model.requests), len(keys)), (2, 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
