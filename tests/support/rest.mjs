// REST through fetch.

import assert from "node:assert/strict";

import { DEADLINE_MS } from "./deadline.mjs";
import { token } from "./people.mjs";

/** One request. Gives `{ status, headers, body }`, the body parsed when it is JSON. `by` is who asks; none is a stranger. */
export async function request(cloud, method, path, { by, body, headers = {}, raw } = {}) {
  const answer = await fetch(cloud.url + path, {
    method,
    headers: {
      ...(by ? { authorization: `Bearer ${await token(by)}` } : {}),
      ...(body === undefined && raw === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const text = await answer.text();
  const json = answer.headers.get("content-type")?.includes("json");
  return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
}

/** A request by a person, for those that need no options. */
export const as = (by) => ({
  get: (path) => request(by.cloud, "GET", path, { by }),
  post: (path, body, headers) => request(by.cloud, "POST", path, { by, body, headers }),
  patch: (path, body, headers) => request(by.cloud, "PATCH", path, { by, body, headers }),
  delete: (path, body) => request(by.cloud, "DELETE", path, { by, body }),
});

/** Creates a meeting and gives its id. */
export async function createMeeting(by, fields = {}) {
  const { status, body } = await as(by).post("/api/meetings", fields);
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}

/** A meeting as `by` sees it. */
export async function readMeeting(by, id) {
  const { status, body } = await as(by).get(`/api/meetings/${id}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** Asserts an error answer: status, `{error, code, message}` and nothing else. Gives the body. */
export function assertError({ status, body }, expected, error) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body).sort(), ["code", "error", "message"]);
  for (const [name, value] of Object.entries(body)) assert.equal(typeof value, "string", name);
  assert.match(body.code, /^[a-z][a-z0-9-]*$/);
  if (error) assert.equal(body.error, error);
  return body;
}
