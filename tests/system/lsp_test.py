"""The language server, as an editor's client library and as somebody hostile sees it."""

import json
import os
import subprocess
import unittest

from harness import BINARY, ROOT, clean_environment

PACKAGES = os.path.join(ROOT, "build", "lsp-client")
CLIENT = "vscode-languageserver-protocol@3.17.5"


def talk(data):
    return subprocess.run([BINARY, "dsl", "lsp"], input=data, capture_output=True, timeout=60, env=clean_environment())


def frame(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def messages(data):
    found = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        length = int(head.split(b":")[1])
        found.append(json.loads(rest[:length]))
        data = rest[length:]
    return found


class Session(unittest.TestCase):
    def test_with_the_client_library_of_editors(self):
        if not os.path.isdir(os.path.join(PACKAGES, "node_modules", "vscode-languageserver-protocol")):
            os.makedirs(PACKAGES, exist_ok=True)
            subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", PACKAGES, CLIENT],
                           check=True, timeout=200)
        script = os.path.join(ROOT, "tests", "system", "lsp_client.cjs")
        done = subprocess.run(["node", script, BINARY, os.path.join(PACKAGES, "node_modules")], capture_output=True, text=True,
                              timeout=60, env=clean_environment())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the session ended well", done.stdout)


class Hostile(unittest.TestCase):
    INIT = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}

    def test_bytes_that_are_no_frames_end_it_with_an_error(self):
        for data in (b"hello\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 99999999999999999\r\n\r\n{}", b"\x00" * 100_000,
                     b"Content-Length: -5\r\n\r\n{}", b"Content-Length: 20000000\r\n\r\n"):
            done = talk(data)
            self.assertEqual(done.returncode, 1, data[:40])
            self.assertEqual(messages(done.stdout)[-1]["error"]["code"], -32700)

    def test_messages_that_make_no_sense_are_answered(self):
        nonsense = [{"jsonrpc": "2.0", "id": 2, "method": "textDocument/hover"}, [], 5, "x", {"id": 3}, {"jsonrpc": "2.0", "id": {}, "method": "x"},
                    {"jsonrpc": "2.0", "id": 4, "method": "textDocument/completion", "params": {"textDocument": {"uri": 5}, "position": {"line": -1}}},
                    {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": None}},
                    {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"contentChanges": 7}}]
        done = talk(frame(nonsense[0]) + b"Content-Length: 1\r\n\r\n{" + frame(self.INIT) + b"".join(frame(m) for m in nonsense)
                    + frame({"jsonrpc": "2.0", "id": 9, "method": "shutdown"}) + frame({"jsonrpc": "2.0", "method": "exit"}))
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = messages(done.stdout)
        self.assertEqual(answers[0]["error"]["code"], -32002, "before `initialize`")
        self.assertEqual(answers[1]["error"]["code"], -32700)
        self.assertIn("capabilities", answers[2]["result"])
        self.assertTrue(all("error" in a or a.get("method") == "window/logMessage" for a in answers[3:-1]), answers[3:-1])
        self.assertEqual(answers[-1], {"jsonrpc": "2.0", "id": 9, "result": None})

    def test_a_client_that_goes_away_ends_it(self):
        self.assertEqual(talk(frame(self.INIT)).returncode, 1)
        self.assertEqual(talk(b"").returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
