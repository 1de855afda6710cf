// Drives `elevaite dsl lsp` with the client library that editors use. Arguments: the binary, and where node's packages are.
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const path = require("node:path");

const [binary, packages] = process.argv.slice(2);
const rpc = require(path.join(packages, "vscode-jsonrpc/node"));
const lsp = require(path.join(packages, "vscode-languageserver-protocol"));

const uri = "file:///order.yaml";
const head = "document: {dsl: '1.0.3', namespace: shop, name: order, version: '1.0.0'}\n";
const position = (line, character) => ({ line, character });
const at = (line, character) => ({ textDocument: { uri }, position: position(line, character) });

async function main() {
  const server = spawn(binary, ["dsl", "lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const published = [];
  let arrived = () => {};
  connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => {
    published.push(params);
    arrived();
  });
  const diagnostics = async () => {
    while (published.length === 0) await new Promise((resolve) => (arrived = resolve));
    return published.shift().diagnostics;
  };
  connection.listen();

  const { capabilities } = await connection.sendRequest(lsp.InitializeRequest.type, {
    processId: process.pid, rootUri: null,
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
    initializationOptions: { server: "http://example.test" },
  });
  assert.equal(capabilities.textDocumentSync.change, lsp.TextDocumentSyncKind.Incremental);
  assert.equal(capabilities.positionEncoding, "utf-16");
  await connection.sendNotification(lsp.InitializedNotification.type, {});

  // Diagnostics when a document opens, and again when it changes.
  const source = head + "do:\n  - '😀': {set: {x: 1}, then: last}\n  - last:\n      wiat: PT1S\n";
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "yaml", version: 1, text: source } });
  const [wrong] = await diagnostics();
  assert.deepEqual(wrong.range, { start: position(4, 6), end: position(4, 10) });
  assert.match(wrong.code, /^DSL\d{4}$/);
  assert.equal(wrong.codeDescription.href, "http://example.test/v1/dsl/explain/" + wrong.code);

  const [fix] = await connection.sendRequest(lsp.CodeActionRequest.type, { textDocument: { uri }, range: wrong.range, context: { diagnostics: [wrong] } });
  assert.equal(fix.kind, lsp.CodeActionKind.QuickFix);
  assert.deepEqual(fix.edit.changes[uri], [{ range: wrong.range, newText: "wait" }]);
  const change = (range, text, version) => connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri, version }, contentChanges: [{ range, text }] });
  await change(fix.edit.changes[uri][0].range, fix.edit.changes[uri][0].newText, 2);
  assert.deepEqual(await diagnostics(), []);

  // Names: definition, references, rename; a character outside the BMP counts two.
  const then = at(2, 32);
  const definition = await connection.sendRequest(lsp.DefinitionRequest.type, then);
  assert.deepEqual(definition.range, { start: position(3, 4), end: position(3, 8) });
  const references = await connection.sendRequest(lsp.ReferencesRequest.type, { ...then, context: { includeDeclaration: true } });
  assert.deepEqual(references.map((r) => r.range.start), [position(3, 4), position(2, 30)]);
  assert.deepEqual(await connection.sendRequest(lsp.PrepareRenameRequest.type, then), { start: position(2, 30), end: position(2, 34) });
  const renamed = await connection.sendRequest(lsp.RenameRequest.type, { ...then, newName: "pause" });
  assert.deepEqual(renamed.changes[uri], [
    { range: { start: position(2, 30), end: position(2, 34) }, newText: "pause" },
    { range: { start: position(3, 4), end: position(3, 8) }, newText: "pause" },
  ]);
  await assert.rejects(connection.sendRequest(lsp.RenameRequest.type, { ...then, newName: "😀" }), /taken/);

  // Help while typing, the line half written and a quote open.
  await change({ start: position(5, 0), end: position(5, 0) }, "  - call:\n      call: http\n      with: {method: get, endpoint: 'https://example.com'}\n      output: {as: '${ to_en\n", 3);
  assert.equal((await diagnostics())[0].severity, lsp.DiagnosticSeverity.Error);
  const list = await connection.sendRequest(lsp.CompletionRequest.type, at(8, 28));
  const builtin = list.items.find((item) => item.label === "to_entries");
  assert.deepEqual(builtin.textEdit, { range: { start: position(8, 23), end: position(8, 28) }, newText: "to_entries" });
  await change({ start: position(8, 0), end: position(9, 0) }, "      wi\n", 4);
  await diagnostics();
  const keys = await connection.sendRequest(lsp.CompletionRequest.type, at(8, 8));
  const input = keys.items.find((item) => item.label === "then");
  assert.deepEqual(input.textEdit.range, { start: position(8, 6), end: position(8, 8) });
  const hover = await connection.sendRequest(lsp.HoverRequest.type, at(6, 8));
  assert.match(hover.contents.value, /function/);
  await change({ start: position(8, 0), end: position(9, 0) }, "", 5);
  await diagnostics();
  const symbols = await connection.sendRequest(lsp.DocumentSymbolRequest.type, { textDocument: { uri } });
  assert.deepEqual(symbols.map((symbol) => [symbol.name, symbol.detail]), [["😀", "set"], ["last", "wait"], ["call", "call"]]);
  const [edit] = await connection.sendRequest(lsp.DocumentFormattingRequest.type, { textDocument: { uri }, options: { tabSize: 2, insertSpaces: true } });
  assert.match(edit.newText, /  - last:\n      wait: PT1S\n/);

  await assert.rejects(connection.sendRequest("textDocument/unknown", {}), { code: rpc.ErrorCodes.MethodNotFound });
  await connection.sendNotification(lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  assert.deepEqual(await diagnostics(), []);
  await connection.sendRequest(lsp.ShutdownRequest.type);
  await connection.sendNotification(lsp.ExitNotification.type);
  assert.equal(await ended, 0);
  console.log("the session ended well");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
