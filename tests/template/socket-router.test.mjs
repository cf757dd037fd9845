// The function at the edge that chooses between the two APIs, taken out of template.yaml and run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const template = readFileSync(new URL("../../template.yaml", import.meta.url), "utf8");

/** The text of the block `FunctionCode: |`. */
function functionCode() {
  const [, indent, block] = /^( +)FunctionCode: \|\n((?:\1 {2}.*\n|\n)+)/m.exec(template);
  return block.replaceAll(`\n${indent}  `, "\n").trimStart();
}

/** Runs the function as CloudFront does: gives the origin it selected, if it did, and the request that goes on. */
function route(uri, query = {}) {
  const code = functionCode();
  assert.ok(code.startsWith("import cf from 'cloudfront';\n"), "runtime 2.0 wants the import in the first line");
  let origin = null;
  const cf = { selectRequestOriginById: (id) => (origin = id) };
  const handler = new Function("cf", `${code.slice(code.indexOf("\n"))}\nreturn handler;`)(cf);
  const querystring = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, { value }]));
  const request = handler({ request: { method: "GET", uri, querystring, headers: {}, cookies: {} } });
  return { origin, uri: request.uri, querystring: request.querystring };
}

test("a WebSocket goes to the stage of the WebSocket API, with its query", () => {
  const { origin, uri, querystring } = route("/socket.io/", { EIO: "4", transport: "websocket", sid: "abc" });
  const stage = /StageName: (\w+)/.exec(template)[1];
  assert.equal(origin, "sockets");
  assert.equal(uri, `/${stage}`);
  assert.deepEqual(Object.keys(querystring), ["EIO", "transport", "sid"]);
});

test("polling stays at the HTTP API, at the path of its route", () => {
  const { origin, uri } = route("/socket.io/", { EIO: "4", transport: "polling", t: "x" });
  assert.equal(origin, null);
  assert.equal(uri, "/socket.io");
  assert.match(template, /Method: GET, Path: \/socket\.io }/);
});

test("a request without a transport, or with another one, is the HTTP API's to refuse", () => {
  for (const query of [{}, { transport: "" }, { transport: "WebSocket" }, { transport: "webtransport" }]) {
    assert.equal(route("/socket.io/", query).origin, null);
  }
});

test("other paths are left alone", () => {
  for (const uri of ["/socket.io/socket.io.js", "/socket.io/x/", "/socket.io"]) {
    assert.deepEqual(route(uri, { transport: "websocket" }), {
      origin: null,
      uri,
      querystring: { transport: { value: "websocket" } },
    });
  }
});

test("the origins that the function and the behaviours name are in the distribution", () => {
  const origins = [...template.matchAll(/^ +- Id: (\w+)$/gm)].map((match) => match[1]);
  const named = [...template.matchAll(/TargetOriginId: (\w+)|selectRequestOriginById\('(\w+)'\)/g)];
  assert.deepEqual(new Set(named.map((match) => match[1] ?? match[2])), new Set(origins));
});
