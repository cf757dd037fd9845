// The description of the socket, at /api/asyncapi.json. That what really goes over sockets is as it says is seen to in every
// scenario (support/described.mjs); here, that it is served, that it is one, and that listening in would notice.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

import Ajv from "ajv";

import { localCloud } from "../support/cloud.mjs";
import { DESCRIPTION, Wire, complaint } from "../support/described.mjs";
import { request } from "../support/rest.mjs";

const cloud = await localCloud();

/** What a connection that hears and says this would fail with. */
function complaints(script) {
  const why = [];
  script(new Wire((text) => why.push(text)));
  return why;
}

test("it is served to everybody, as it is in the repository", async () => {
  const { status, body } = await request(cloud, "GET", "/api/asyncapi.json");
  assert.equal(status, 200);
  assert.deepEqual(body, DESCRIPTION);
});

test("it is AsyncAPI 3.0", () => {
  const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0-without-$id.json");
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  assert.ok(validate(DESCRIPTION), ajv.errorsText(validate.errors));
  assert.equal(validate({ ...DESCRIPTION, operations: { x: { action: "shout" } } }), false);
});

test("every example is as its schema says", () => {
  const examples = Object.values(DESCRIPTION.components.messages).flatMap(({ name, examples = [] }) => examples.map(({ payload }) => [name, payload]));
  assert.ok(examples.length >= 40);
  for (const [name, payload] of examples) assert.equal(complaint(name, payload), undefined);
});

test("who listens in hears nothing wrong where nothing is", () => {
  assert.deepEqual(
    complaints((wire) => {
      wire.sent('20["leave-room",{"roomId":"weekly"}]');
      wire.received('2["host-granted",{"by":"Ada"},"7"]');
      wire.received('30[{"success":true}]');
      wire.sent('21["make-host",{"roomId":7}]');
      wire.received('31[{"error":"roomId must be a string","code":"invalid-payload"}]');
      wire.received('2["existing-participants",[],{"page":1,"pages":2,"total":1},"7"]');
      wire.received("2/custom,[]");
    }),
    [],
  );
});

for (const [what, script] of Object.entries({
  "an event that is not described": (wire) => wire.received('2["host-grunted",{"by":"Ada"},"7"]'),
  "an event of clients": (wire) => wire.received('2["join-room",{"roomId":"weekly"}]'),
  "a member that is not described": (wire) => wire.received('2["host-granted",{"by":"Ada","at":1},"7"]'),
  "a member of another type": (wire) => wire.received('2["host-granted",{"by":7},"7"]'),
  "a member that is missing": (wire) => wire.received('2["host-granted",{},"7"]'),
  "an argument that is no version": (wire) => wire.received('2["host-granted",{"by":"Ada"},"seven"]'),
  "an argument too many": (wire) => wire.received('2["host-granted",{"by":"Ada"},{},"7"]'),
  "another acknowledgement": (wire) => {
    wire.sent('20["leave-room",{"roomId":"weekly"}]');
    wire.received('30[{"success":true,"left":true}]');
  },
  "a refusal in other words": (wire) => {
    wire.sent('20["leave-room",{"roomId":"weekly"}]');
    wire.received('30[{"error":"no"}]');
  },
  "something accepted that is not described": (wire) => {
    wire.sent('20["leave-room",{"room":"weekly"}]');
    wire.received('30[{"success":true}]');
  },
})) {
  test(`who listens in notices ${what}`, () => assert.equal(complaints(script).length, 1));
}
