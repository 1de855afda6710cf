"""Every command of the binary, as somebody types it."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import BINARY, ROOT, Server, SystemTest, clean_environment, document, free_port, until

GOOD = document("hello", "- a: {set: '${ {text: (\"Hello \" + .name)} }'}\n")
BAD = document("broken", "- a:\n    sett: {x: 1}\n")


def command(*arguments, stdin=None, cwd=None, env=None, **more):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, input=stdin, timeout=60, cwd=cwd,
                          env={**clean_environment(), **(env or {})}, **more)


class Cli(SystemTest):
    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
        return path

    def cli(self, *arguments, code=0, stdin=None):
        done = self.server.cli(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        self.assertNotIn("\x1b", done.stdout + done.stderr, "no escape codes when it is not a terminal")
        if code == 0:
            self.assertNotIn("error:", done.stderr)
        return done


class Schedules(Cli):
    def test_made_looked_at_paused_started_filled_in_and_deleted(self):
        self.cli("workflow", "apply", self.path("hello.yaml", GOOD))
        file = self.path("nightly.yaml", "id: nightly\nworkflow: hello\ntimezone: Europe/Berlin\ntimes: [{cron: '30 2 * * *'}]\ninput: {name: Ada}\n")
        self.assertEqual(self.cli("schedules", "apply", file).stdout, "nightly created\n")
        self.assertEqual(self.cli("schedules", "apply", file).stdout, "nightly changed\n")
        self.assertIn("30 2 * * *", self.cli("schedules", "ls", "--workflow", "hello").stdout)
        execution = self.cli("schedules", "trigger", "nightly").stdout.strip()
        shown = self.cli("schedules", "show", "nightly").stdout
        self.assertIn(execution, shown)
        self.assertIn("02:30:00+0", shown)
        self.assertIn("is paused", self.cli("schedules", "pause", "nightly", "--note", "inventory").stdout)
        self.assertIn("paused: inventory", self.cli("schedules", "ls", "--paused").stdout)
        self.assertIn("goes on, next at", self.cli("schedules", "resume", "nightly").stdout)
        range_ = ("--from", "2026-03-28T00:00:00Z", "--until", "2026-03-30T00:00:00Z")
        foreseen = self.cli("schedules", "backfill", "nightly", *range_, "--dry-run").stdout
        self.assertIn("2 would start", foreseen)
        self.assertIn("Clocks jump over 02:30 on this day", foreseen)
        self.cli("schedules", "backfill", "nightly", *range_)
        self.assertIn("is deleted", self.cli("schedules", "rm", "nightly").stdout)
        self.assertIn("no schedule 'nightly'", self.cli("schedules", "show", "nightly", code=1).stderr)
        self.assertIn("no `id`", self.cli("schedules", "apply", self.path("none.yaml", "workflow: hello\n"), code=1).stderr)


class Workflows(Cli):
    def test_apply(self):
        good, bad = self.path("hello.yaml", GOOD), self.path("broken.yaml", BAD)
        self.assertIn("test.hello 1.0.0 published", self.cli("workflow", "apply", good).stdout)
        self.assertIn("test.hello 1.0.0 unchanged", self.cli("workflow", "apply", good).stdout)
        refused = self.cli("workflow", "apply", bad, code=1)
        self.assertRegex(refused.stderr, re.escape(bad) + r":4:5 error DSL\d+: ")
        both = self.cli("workflow", "apply", bad, good, code=1)
        self.assertIn("unchanged", both.stdout, "one bad file does not keep the others out")
        other = self.path("other.yaml", GOOD.replace("Hello", "Hi"))
        self.assertIn("1.0.0", self.cli("workflow", "apply", other, code=1).stderr)
        missing = self.cli("workflow", "apply", self.path("missing.yaml"), code=2)
        self.assertIn("missing.yaml", missing.stderr)
        self.cli("workflow", "apply", self.folder, code=2)
        told = json.loads(self.cli("workflow", "apply", "--json", good).stdout)
        self.assertEqual(told[0]["result"]["name"], "hello")

    def test_ls(self):
        self.cli("workflow", "apply", self.path("hello.yaml", GOOD))
        lines = self.cli("workflow", "ls").stdout.splitlines()
        self.assertRegex(lines[0], r"^NAME +VERSION +TITLE +EXECUTIONS$")
        self.assertTrue(any(line.startswith("test.hello") for line in lines))
        self.assertIn("hello", [w["name"] for w in json.loads(self.cli("workflow", "ls", "--json").stdout)["items"]])


class Runs(Cli):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, tasks in (("hello", None), ("text", "- a: {set: '${ {lines: (split(\"\\n\") | length)} }'}\n"),
                            ("slow", "- w: {wait: {seconds: 600}}\n"), ("brief", "- w: {wait: {milliseconds: 300}}\n- s: {set: {done: true}}\n"),
                            ("fail", "- r: {raise: {error: {type: 'urn:test', status: 418, title: Teapot}}}\n")):
            reply = cls.server.publish(document(name, tasks) if tasks else GOOD)
            assert reply.status == 201, reply.body

    def test_run_by_name_and_by_file(self):
        done = self.cli("run", "hello", "--input", '{"name": "Ada"}')
        self.assertIn('"Hello Ada"', done.stdout)
        self.assertIn("completed", done.stdout)
        told = json.loads(self.cli("run", "test.hello", "-i", '{"name": "Ada"}', "--json").stdout)
        self.assertEqual((told["status"], told["output"], told["trigger"]), ("completed", {"text": "Hello Ada"}, "cli"))
        by_file = json.loads(self.cli("run", self.path("hello.yaml", GOOD), "-i", "@" + self.path("in.json", '{"name": "Bob"}'), "--json").stdout)
        self.assertEqual(by_file["output"], {"text": "Hello Bob"})
        csv = os.path.join(ROOT, "examples/data/orders.csv")
        with open(csv) as f:
            lines = len(f.read().split("\n"))
        self.assertEqual(json.loads(self.cli("run", "text", "--input", "@" + csv, "--json").stdout)["output"], {"lines": lines})
        version = json.loads(self.cli("run", "hello", "-i", '{"name": "A"}', "--version", "1.0.0", "--json").stdout)
        self.assertEqual(version["version"], "1.0.0")
        ids = {self.cli("run", "hello", "-i", '{"name": "K"}', "--idempotency-key", "k", "-d").stdout.strip() for _ in range(2)}
        self.assertEqual(len(ids), 1)

    def test_run_says_what_is_wrong(self):
        self.assertIn("Teapot", self.cli("run", "fail", code=1).stdout)
        self.assertIn("not JSON", self.cli("run", "hello", "-i", "{oops", code=1).stderr)
        self.assertIn("cannot read", self.cli("run", "hello", "-i", "@/does/not/exist", code=1).stderr)
        self.assertIn("folder", self.cli("run", "hello", "-i", "@" + self.folder, code=1).stderr)
        self.assertIn("nobody", self.cli("run", "nobody", code=1).stderr)
        self.cli("run", "hello", "--version", "9.9.9", code=1)
        self.cli("run", "no such name", code=1)
        self.assertIn(":4:5", self.cli("run", self.path("broken.yaml", BAD), code=1).stderr)

    def test_executions(self):
        id = self.cli("run", "slow", "-d").stdout.strip()
        self.assertRegex(id, r"^exe_[0-9a-z]{26}$")
        until(lambda: self.server.get(f"/v1/executions/{id}").json["status"] == "waiting", 5)
        listed = self.cli("executions", "ls", "--workflow", "slow", "--status", "waiting,running").stdout
        self.assertIn(id, listed)
        self.assertNotIn(id, self.cli("executions", "ls", "--status", "faulted").stdout)
        self.assertEqual(len(json.loads(self.cli("executions", "ls", "--limit", "1", "--json").stdout)["items"]), 1)
        shown = self.cli("executions", "show", id).stdout
        self.assertIn("/do/0/w", shown)
        self.assertIn("waiting", shown)
        self.assertEqual(json.loads(self.cli("executions", "show", id, "--json").stdout)["id"], id)
        self.assertIn("cancelled", self.cli("executions", "cancel", id, "--reason", "enough").stdout)
        self.assertIn("already ended", self.cli("executions", "cancel", self.cli("run", "hello", "-d", "-i", '{"name":"x"}').stdout.strip(), code=1).stderr)
        watched = self.cli("executions", "watch", self.cli("run", "brief", "-d").stdout.strip()).stdout
        self.assertIn("✓ s", watched)
        self.assertIn('"done": true', watched)
        self.cli("executions", "watch", id, code=1)
        for unknown in ("exe_00000000000000000000000000", "what", "../x", "a b"):
            for verb in ("show", "watch", "cancel"):
                self.assertTrue(self.cli("executions", verb, unknown, code=1).stderr.startswith("error: "), unknown)
        self.cli("executions", "ls", "--status", "odd", code=1)
        self.cli("executions", "ls", "--limit", "0", code=2)

    def test_doctor_and_wait_ready(self):
        self.assertIn("nothing is wrong", self.cli("doctor", f"--data.dir={self.server.data}").stdout)
        self.cli("wait-ready")
        self.cli("wait-ready", "--pid", str(self.server.process.pid))
        gone = subprocess.Popen(["true"])
        gone.wait()
        began = time.monotonic()
        self.assertEqual(command("wait-ready", "--pid", str(gone.pid), "--server", f"http://127.0.0.1:{free_port()}").returncode, 1)
        self.assertLess(time.monotonic() - began, 20)


class WithoutServer(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="elevaite-test-")
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def check(self, *arguments, code=0, **more):
        done = command(*arguments, cwd=self.folder, **more)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        return done

    def test_client_commands_say_that_no_server_runs(self):
        server = f"--server=http://127.0.0.1:{free_port()}"
        self.path("hello.yaml", GOOD)
        for arguments in (["workflow", "apply", "hello.yaml"], ["workflow", "ls"], ["run", "hello"], ["run", "hello.yaml"], ["executions", "ls"],
                          ["executions", "show", "exe_00000000000000000000000000"], ["executions", "watch", "exe_00000000000000000000000000"],
                          ["executions", "cancel", "exe_00000000000000000000000000"]):
            done = self.check(*arguments, server, code=1)
            self.assertRegex(done.stderr, r"^error: cannot reach http://127.0.0.1:\d+: .*\n +is it running\? start it with: elevaite serve\n$", arguments)
            self.assertEqual(done.stdout, "")
        self.check("workflow", "ls", "--server=nonsense://x", code=1)

    def test_dsl_check(self):
        good, bad = self.path("good.yaml", GOOD), self.path("bad.yaml", BAD)
        self.assertEqual(self.check("dsl", "check", good).stdout, "")
        wrong = self.check("dsl", "check", bad, good, code=1)
        self.assertRegex(wrong.stdout, r"bad.yaml:4:5")
        told = json.loads(self.check("dsl", "check", "--json", good, bad, code=1).stdout)
        self.assertEqual([t["valid"] for t in told], [True, False])
        self.assertEqual(told[1]["diagnostics"][0]["line"], 4)
        self.check("dsl", "check", "-", stdin=GOOD)
        self.assertIn("cannot read", self.check("dsl", "check", "missing.yaml", code=1).stderr)
        self.check("dsl", "check", "/", code=1)
        self.check("dsl", "check", code=2)
        examples = [os.path.join(ROOT, "examples", f) for f in os.listdir(os.path.join(ROOT, "examples")) if f.endswith(".yaml")]
        self.assertGreater(len(examples), 4)
        self.check("dsl", "check", *examples)

    def test_dsl_explain(self):
        code = json.loads(self.check("dsl", "check", "--json", self.path("bad.yaml", BAD), code=1).stdout)[0]["diagnostics"][0]["code"]
        text = self.check("dsl", "explain", code).stdout
        self.assertTrue(text.startswith(code))
        self.assertIn("\nWrong\n", text)
        self.assertIn("\nRight\n", text)
        self.check("dsl", "explain", "DSL9999", code=2)

    def test_dsl_fmt(self):
        ugly = GOOD.replace("do:\n", "do:\n# why\n")
        path = self.path("ugly.yaml", ugly)
        pretty = self.check("dsl", "fmt", path).stdout
        self.assertIn("do:\n  # why\n  - a:\n      set: '${", pretty)
        self.assertEqual(self.check("dsl", "fmt", "--check", path, code=1).stdout, path + "\n")
        self.check("dsl", "fmt", "--write", path)
        with open(path) as f:
            self.assertEqual(f.read(), pretty)
        self.assertEqual(self.check("dsl", "fmt", "--check", path).stdout, "")
        self.assertEqual(self.check("dsl", "fmt", "-", stdin=ugly).stdout, pretty)
        self.assertIn("the document: line 2", self.check("dsl", "fmt", "-", stdin="a: [", code=1).stderr)
        self.check("dsl", "fmt", "--check", "--write", path, code=2)

    def test_dsl_graph(self):
        path = self.path("good.yaml", GOOD)
        self.assertEqual(self.check("dsl", "graph", path).stdout, 'flowchart TD\n  n0["a<br/>set"]\n')
        self.assertEqual(json.loads(self.check("dsl", "graph", "--json", path).stdout)["nodes"][0]["id"], "/do/0/a")
        self.check("dsl", "graph", "-", stdin="a: [", code=1)
        self.check("dsl", "graph", "missing.yaml", code=1)

    def test_dsl_diff(self):
        before = self.path("before.yaml", GOOD)
        after = self.path("after.yaml", GOOD.replace("version: '1.0.0'", "version: '1.1.0'").replace("- a:", "- b: {wait: PT1S}\n- a:"))
        self.assertRegex(self.check("dsl", "diff", before, after).stdout, r"^safe DIFF014 .*`b` is new \(at /do/0/b\)\n$")
        broken = self.check("dsl", "diff", after, before, code=1).stdout
        self.assertRegex(broken, r"^breaking DIFF010 ")
        self.assertEqual(json.loads(self.check("dsl", "diff", "--json", after, before, code=1).stdout)["breaking"], 1)
        self.assertIn("DIFF010", self.check("dsl", "explain", "DIFF010").stdout)

    def test_dsl_edit(self):
        path = self.path("edit.yaml", GOOD)
        rename = '[{"op": "rename", "task": "/do/0/a", "name": "greet"}]'
        self.assertEqual(self.check("dsl", "edit", path, rename).stdout, GOOD.replace("- a:", "- greet:"))
        told = json.loads(self.check("dsl", "edit", "--json", path, "@" + self.path("operations.json", rename)).stdout)
        self.assertEqual((told["valid"], told["changes"][0]["insert"]), (True, "greet"))
        self.check("dsl", "edit", "--write", path, rename)
        with open(path) as f:
            self.assertEqual(f.read(), GOOD.replace("- a:", "- greet:"))
        self.assertIn("operations[0]", self.check("dsl", "edit", path, rename, code=1).stderr)
        self.check("dsl", "edit", path, "{", code=2)

    def test_jq(self):
        jq = lambda *arguments, **more: self.check("jq", *arguments, **more).stdout
        self.assertEqual(jq(".a | add", stdin='{"a":[1,2]}'), "3\n")
        self.assertEqual(jq("-r", ".[]", stdin='["a","b"]'), "a\nb\n")
        self.assertEqual(jq("-c", ".", stdin='{"a": [1, 2]}'), '{"a":[1,2]}\n')
        self.assertEqual(jq(".", stdin='{"a": 1}'), '{\n  "a": 1\n}\n')
        self.assertEqual(jq("-n", "1 + 1"), "2\n")
        self.assertEqual(jq("-c", "-s", ".", stdin="1 2 3"), "[1,2,3]\n")
        self.assertEqual(jq("-c", ". + 1", stdin="1 2\n3"), "2\n3\n4\n")
        self.assertEqual(jq("-n", "-r", "--arg", "x", "a b", "--arg", "y", "1", "--argjson", "z", '{"n":1.10}', "$x + $y + ($z | tojson)"), 'a b1{"n":1.10}\n')
        self.assertEqual(jq("-n", "--arg", "x", "1", "$x"), '"1"\n')
        self.assertEqual(jq(".n", self.path("a.json", '{"n":12345678901234567890123}')), "12345678901234567890123\n")
        self.assertEqual(jq(".", stdin=""), "")
        bad = self.check("jq", ".a | ad", stdin="{}", code=3)
        self.assertRegex(bad.stderr, r"^error: .*character 6")
        self.assertIn("     ^", bad.stderr)
        self.check("jq", "$nope", stdin="{}", code=3)
        self.assertIn("nope", self.check("jq", 'error("nope")', stdin="1", code=5).stderr)
        self.assertEqual(self.check("jq", "if . == 1 then error(\"x\") else . end", stdin="2 1", code=5).stdout, "2\n")
        self.assertEqual(self.check("jq", "if . == 1 then error(\"x\") else . end", stdin="1 2").stdout, "2\n", "the last input decides, as in jq")
        self.check("jq", ".", stdin="{oops", code=2)
        self.check("jq", ".", "missing.json", code=2)
        self.check("jq", "-n", "--argjson", "x", "{", "$x", code=2)
        self.check("jq", code=2)

    def test_jq_output_options(self):
        jq = lambda *arguments, **more: self.check("jq", *arguments, **more).stdout
        value = '{"b":[1,{"d":[],"c":{}}],"a":"\u00e9\U0001f600"}'
        self.assertEqual(jq("-S", "-c", ".", stdin=value), '{"a":"\u00e9\U0001f600","b":[1,{"c":{},"d":[]}]}\n')
        self.assertEqual(jq("-ac", ".a", stdin=value), '"\\u00e9\\ud83d\\ude00"\n')
        self.assertEqual(jq("-ra", ".a", stdin=value), '"\\u00e9\\ud83d\\ude00"\n')
        self.assertEqual(jq("--tab", ".b", stdin=value), '[\n\t1,\n\t{\n\t\t"d": [],\n\t\t"c": {}\n\t}\n]\n')
        self.assertEqual(jq("--indent", "1", ".b[0:1]", stdin=value), "[\n 1\n]\n")
        self.assertEqual(jq("--indent", "0", ".b", stdin=value), '[1,{"d":[],"c":{}}]\n')
        self.assertEqual(jq("-nj", '1, "a", 2'), "1a2")
        self.assertEqual(jq("-n", "--raw-output0", '"a", "b"'), "a\0b\0")
        self.assertEqual(jq("-nc", "[1.10, 1e3, nan, 100000000000000000000]"), "[1.10,1E+3,null,100000000000000000000]\n")

    def test_jq_input_options(self):
        jq = lambda *arguments, **more: self.check("jq", *arguments, **more).stdout
        self.assertEqual(jq("-Rc", ".", stdin="a\n{\n"), '"a"\n"{"\n')
        self.assertEqual(jq("-Rs", ".", stdin="a\nb"), '"a\\nb"\n')
        one, two = self.path("one.json", "1 2"), self.path("two.json", '"x"')
        self.assertEqual(jq("-c", "-s", ".", one, two), '[1,2,"x"]\n')
        self.assertEqual(jq(".", one, "--arg", "a", "b", two), '1\n2\n"x"\n', "options may stand anywhere")
        self.assertEqual(jq("-f", self.path("filter.jq", "# doubles\n. * 2"), one), "2\n4\n")
        self.assertEqual(jq("-nc", "--slurpfile", "a", one, "--rawfile", "b", two, "[$a, $b]"), '[[1,2],"\\"x\\""]\n')
        self.assertEqual(jq("-nc", "$ARGS", "--arg", "n", "1", "--args", "a", "b", "--jsonargs", "1", "[2]"),
                         '{"positional":["a","b",1,[2]],"named":{"n":"1"}}\n')
        self.assertEqual(jq("-nc", "--arg", "x", "1", "--arg", "x", "2", "$x"), '"1"\n', "the first one counts, as in jq")
        self.assertEqual(jq("-1, -.", stdin="5"), "-1\n-5\n", "a filter may begin with a sign")
        self.assertEqual(jq("-nc", "--args", "--", "$ARGS.positional", "-r", "--x"), '["-r","--x"]\n')

    def test_jq_exit_codes(self):
        self.check("jq", "-ne", "1, null", code=1)
        self.check("jq", "-ne", "false", code=1)
        self.check("jq", "-ne", "empty", code=4)
        self.check("jq", "-ne", "null, 0")
        self.check("jq", "-ne", "error(1)", code=5)
        self.assertEqual(self.check("jq", ".", stdin="1 2 {", code=2).stdout, "1\n2\n", "what is whole is run")
        self.assertEqual(self.check("jq", ".", "missing.json", self.path("one.json", "1"), code=2).stdout, "1\n")
        for arguments in (["--nope", "."], ["-x", "."], ["--indent", "8", "."], ["--indent"], [".", "--arg", "x"], ["-n"], ["-f", "missing.jq"],
                          ["-n", ".", "--jsonargs", "{"], ["-n", "--slurpfile", "a", "missing.json", "."], ["-n", "--arg", "x", b"\xff", "."]):
            done = self.check("jq", *arguments, stdin="", code=2)
            self.assertRegex(done.stderr, "^error: ", arguments)
        self.assertIn("--slurpfile", self.check("jq", "--help").stdout)

    def test_config(self):
        shown = self.check("config", "--server.port=8123", env={"ELEVAITE_LOG_LEVEL": "warn", "ELEVAITE_MODELS_API_KEY": "sk-very-secret"}).stdout
        for expected in ("8123", "warn", "data.dir"):
            self.assertIn(expected, shown)
        self.assertNotIn("sk-very-secret", shown)
        names = {line.split()[0] for line in self.check("config", "--help").stdout.splitlines() if line and not line.startswith(" ")}
        options = json.loads(self.check("config", "--help", "--json").stdout)
        described = {o["name"] for o in (options["options"] if isinstance(options, dict) else options)}
        self.assertEqual(names, described)
        for name in names:
            self.assertIn(name, shown, "config shows what help describes")
        with open(os.path.join(ROOT, "app/options.cc")) as f:
            self.assertEqual(names, set(re.findall(r'\.name = "([a-z._]+)"', f.read())))
        self.check("config", env={"ELEVAITE_SERVER": "http://127.0.0.1:1"})
        file = self.path("elevaite.yaml", "server: {port: 8124}\n")
        self.assertIn("8124", self.check("config").stdout, "elevaite.yaml of the folder is read")
        self.assertIn("8124", self.check("config", f"--config={file}").stdout)

    def test_wrong_calls(self):
        for arguments in (["serve", "--server.prot=1"], ["config", "--server.prot=1"]):
            done = self.check(*arguments, code=1)
            self.assertIn("did you mean '--server.port'", done.stderr)
        for arguments in (["serve", "--server.port=x"], ["serve", "--server.port=0"], ["serve", "--server.port=70000"], ["serve", "--log.level=loud"],
                          ["serve", "--egress.allow=http://x/"], ["serve", "--server.address=999.1.1.1", f"--data.dir={self.folder}/d"],
                          ["serve", "--config=missing.yaml"]):
            done = self.check(*arguments, code=1)
            self.assertTrue(done.stderr.startswith("error: "), done.stderr)
            self.assertLessEqual(len(done.stderr.splitlines()), 2, done.stderr)
        done = self.check("serve", code=1, env={"ELEVAITE_SERVER_PROT": "1"})
        self.assertIn("ELEVAITE_SERVER_PORT", done.stderr)
        for arguments in ([], ["nonsense"], ["workflow"], ["run"], ["executions", "show"], ["run", "x", "--unknown"]):
            self.assertNotEqual(self.check(*arguments, code=2).stderr, "")

    def test_help_and_version(self):
        self.assertRegex(self.check("version").stdout, r"^\d+\.\d+\.\d+\S*\n$")
        help = self.check("--help").stdout
        for name in re.findall(r"^  ([a-z-]+)  ", help.split("Subcommands:")[1].split("Examples:")[0], re.M):
            self.assertIn("Usage:" if name != "config" else "server.port", self.check(name, "--help").stdout)
        self.assertIn("executions", self.check("--help-all").stdout)

    def test_doctor_without_data(self):
        nothing = os.path.join(self.folder, "nothing")
        self.assertIn("there is no data", self.check("doctor", f"--data.dir={nothing}", code=1).stderr)
        self.assertFalse(os.path.exists(nothing))


class Serving(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="elevaite-test-", ignore_cleanup_errors=True)
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name
        self.server = Server(os.path.join(self.folder, "data"))

    def refuses(self, *options, **more):
        """The process ends by itself, says why in a line and perhaps a hint, and is no bug."""
        done = command("serve", *options, **more)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        self.assertTrue(lines[0].startswith("error: "), done.stderr)
        self.assertLessEqual(len(lines), 2, done.stderr)
        self.assertNotIn("this is a bug", done.stderr)
        return done.stderr

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assertIn(str(port), self.refuses(f"--data.dir={self.folder}/data", f"--server.port={port}"))

    def test_folders_that_cannot_be_used(self):
        file = os.path.join(self.folder, "file")
        open(file, "w").close()
        self.assertIn(file, self.refuses(f"--data.dir={file}", f"--server.port={free_port()}"))
        self.assertIn("nowhere", self.refuses(f"--data.dir={self.folder}/nowhere/data", f"--server.port={free_port()}"))
        closed = os.path.join(self.folder, "closed")
        os.mkdir(closed, 0o700)
        os.chmod(self.folder, 0o755)
        if os.getuid() != 0:
            os.chmod(closed, 0)
        other = (lambda: (os.setgid(65534), os.setuid(65534))) if os.getuid() == 0 else None
        if os.getuid() == 0:
            try:
                subprocess.run([BINARY, "version"], preexec_fn=other, capture_output=True, cwd="/", check=True)
            except (OSError, subprocess.CalledProcessError):
                self.skipTest("another user cannot run the binary where it lies")
        said = self.refuses(f"--data.dir={closed}", f"--server.port={free_port()}", preexec_fn=other, cwd="/")
        self.assertIn("Permission denied", said)

    def test_data_of_a_running_server(self):
        self.server.start()
        said = self.refuses(f"--data.dir={self.server.data}", f"--server.port={free_port()}")
        self.assertIn(self.server.data, said)
        self.assertEqual(self.server.get("/ready").status, 200)
        self.assertEqual(self.server.stop(), 0)

    def test_sigterm_answers_what_is_running(self):
        self.server.start()
        self.server.publish(document("brief", "- w: {wait: {milliseconds: 700}}\n- s: {set: {done: true}}\n"))
        self.server.publish(document("slow", "- w: {wait: {seconds: 600}}\n"))
        slow = self.server.run("slow", wait="0s").json["id"]
        answers = {}

        def waiting():
            answers["run"] = self.server.run("brief", wait="20s")

        def following():
            import http.client
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            connection.request("GET", f"/v1/executions/{slow}/events", headers={"accept": "text/event-stream"})
            answers["stream"] = connection.getresponse().read()  # to the end, which is orderly

        threads = [threading.Thread(target=waiting), threading.Thread(target=following)]
        [t.start() for t in threads]
        time.sleep(0.3)
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 20)
        [t.join(10) for t in threads]
        self.assertEqual((answers["run"].status, answers["run"].json.get("output")), (200, {"done": True}))
        self.assertIn(b"execution.started", answers["stream"])
        self.assertNotIn(b"event: end", answers["stream"])
        self.server.start()
        self.assertEqual(self.server.get(f"/v1/executions/{slow}").json["status"], "waiting")
        self.server.process.send_signal(signal.SIGINT)
        self.assertEqual(self.server.process.wait(15), 0)
        self.assertTrue(all(json.loads(line)["level"] in ("info", "warn") for line in self.server.log_text().splitlines()), self.server.log_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
