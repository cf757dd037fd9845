import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { connect, join, user } from "../support/people.mjs";
import { as, assertError, createMeeting, readMeeting, request } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo");

test("the shape of the first document: roomId, userId, userName, startsAt, description", async () => {
  const { status, body } = await as(ada).post("/api/meetings", {
    roomId: "seed-1",
    userId: ada.userId,
    userName: "Ada",
    startsAt: "2030-01-02T03:04:05.000Z",
    description: "Stand-up",
  });
  assert.equal(status, 201);
  const { id, createdBy, createdAt, startsAt, description } = body;
  assert.deepEqual({ id, createdBy, description }, { id: "seed-1", createdBy: ada.userId, description: "Stand-up" });
  assert.equal(new Date(startsAt).toISOString(), "2030-01-02T03:04:05.000Z");
  assert.ok(!Number.isNaN(Date.parse(createdAt)), createdAt);
});

test("the shape of the real front end: id, userId, description, startsAt", async () => {
  const id = randomUUID();
  const payload = { id, userId: ada.userId, description: "Instant Meeting", startsAt: new Date().toISOString() };
  const { status, body } = await as(ada).post("/api/meetings", payload);
  assert.equal(status, 201);
  assert.equal(body.success, true);
  assert.equal(body.meeting.id, id);
  assert.equal(body.meeting.creatorId, ada.userId);
  assert.equal(body.meeting.createdAt, body.createdAt);
  assert.equal(body.description, "Instant Meeting", "description and start are kept, not dropped");
});

test("nothing is required: a generated id, now, and Meeting", async () => {
  const before = (await cloud.tool("/_local/clock")).nowMs;
  for (const fields of [{}, { userName: "Ada" }]) {
    const { status, body } = await as(ada).post("/api/meetings", fields);
    assert.equal(status, 201);
    assert.match(body.id, /^[\w-]{10,}$/);
    assert.equal(body.description, "Meeting");
    assert.ok(Date.parse(body.startsAt) >= before - 1000, body.startsAt);
    assert.equal(body.startsAt, body.createdAt);
  }
});

test("roomId and id may both be sent when they agree, and not when they differ", async () => {
  assert.equal(await createMeeting(ada, { roomId: "both", id: "both" }), "both");
  assertError(await as(ada).post("/api/meetings", { roomId: "one", id: "two" }), 400);
});

test("the same again by the same user is the same answer", async () => {
  const fields = { roomId: "again", description: "Once", startsAt: "2030-01-01T00:00:00Z" };
  const first = await as(ada).post("/api/meetings", fields);
  const second = await as(ada).post("/api/meetings", fields);
  assert.equal(first.status, 201);
  assert.equal(second.status, 201);
  assert.deepEqual(second.body, first.body);
});

test("the same Idempotency-Key is the same meeting, though the id is generated", async () => {
  const headers = { "idempotency-key": randomUUID() };
  const first = await as(ada).post("/api/meetings", { description: "Keyed" }, headers);
  const second = await as(ada).post("/api/meetings", { description: "Keyed" }, headers);
  assert.equal(first.status, 201);
  assert.deepEqual(second.body, first.body);
  const other = await as(bo).post("/api/meetings", { description: "Keyed" }, headers);
  assert.equal(other.status, 201, "keys belong to their user");
  assert.notEqual(other.body.id, first.body.id);
});

test("twenty at the same instant with one id: one meeting", async () => {
  const people = await Promise.all(Array.from({ length: 20 }, (_, index) => user(cloud, `racer${index}`)));
  const answers = await Promise.all(people.map((person) => as(person).post("/api/meetings", { roomId: "race" })));
  const created = answers.filter(({ status }) => status === 201);
  assert.equal(created.length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertError(answer, 409);
  assert.equal((await readMeeting(ada, "race")).createdBy, created[0].body.createdBy);
});

test("an id that somebody else has is a 409 with nothing of his meeting in it", async () => {
  const secret = "Acquisition of Initech";
  await createMeeting(ada, { roomId: "taken", description: secret });
  const answer = await as(bo).post("/api/meetings", { roomId: "taken", description: "Mine" });
  assertError(answer, 409, "Meeting with this ID already exists");
  const text = JSON.stringify(answer.body);
  assert.equal(text.includes(secret), false);
  assert.equal(text.includes(ada.userId), false);
  assert.equal((await readMeeting(ada, "taken")).description, secret);
});

test("one's own id again with other content is a 409", async () => {
  await createMeeting(ada, { roomId: "own", description: "One" });
  assertError(await as(ada).post("/api/meetings", { roomId: "own", description: "Two" }), 409);
  assert.equal((await readMeeting(ada, "own")).description, "One");
});

test("a meeting in somebody else's name is a 403", async () => {
  const { error, message } = assertError(await as(bo).post("/api/meetings", { roomId: "forged", userId: ada.userId }), 403);
  assert.match(`${error} ${message}`, /userId/);
  assertError(await as(ada).get("/api/meetings/forged"), 404, "Meeting not found");
});

test("without a good token everything is a 401", async () => {
  const strangers = [{}, { authorization: "Bearer garbage" }, { authorization: "Basic YTpi" }, { authorization: "Bearer " }];
  for (const headers of strangers) {
    for (const [method, path] of [
      ["POST", "/api/meetings"],
      ["GET", "/api/meetings"],
      ["GET", "/api/meetings/x"],
      ["PATCH", "/api/meetings/x"],
      ["DELETE", "/api/meetings/x"],
      ["GET", "/api/meetings/x/participants"],
      ["GET", "/api/meetings/x/log"],
      ["DELETE", "/api/meetings/x/hosts/y"],
    ]) {
      const body = ["POST", "PATCH"].includes(method) ? {} : undefined;
      assertError(await request(cloud, method, path, { headers, body }), 401);
    }
  }
});

const BAD = [
  ["roomId", { roomId: "" }],
  ["roomId", { roomId: "a b" }],
  ["roomId", { roomId: "a/b" }],
  ["roomId", { roomId: "a#b" }],
  ["roomId", { roomId: 7 }],
  ["id", { id: ["x"] }],
  ["id", { id: "x".repeat(129) }],
  ["startsAt", { startsAt: "tomorrow" }],
  ["startsAt", { startsAt: "2030-02-30T00:00:00Z" }],
  ["startsAt", { startsAt: 5 }],
  ["description", { description: "x".repeat(501) }],
  ["description", { description: {} }],
  ["userName", { userName: 7 }],
  ["userId", { userId: 7 }],
  ["hosts", { hosts: ["user_x"] }],
  ["createdBy", { createdBy: "user_x" }],
];

for (const [field, payload] of BAD) {
  test(`a 400 names ${field}: ${JSON.stringify(payload).slice(0, 60)}`, async () => {
    const { error, message } = assertError(await as(ada).post("/api/meetings", payload), 400);
    assert.match(`${error} ${message}`, new RegExp(`\\b${field}\\b`));
  });
}

test("a body that is no JSON object is a 400, an oversized one a 413", async () => {
  for (const raw of ["", "{", "[]", "7", "null", '"x"', "\u0000", "[".repeat(10_000), '{"a":'.repeat(5_000)]) {
    assertError(await request(cloud, "POST", "/api/meetings", { by: ada, raw }), 400);
  }
  const raw = JSON.stringify({ description: "x".repeat(300_000) });
  assertError(await request(cloud, "POST", "/api/meetings", { by: ada, raw }), 413);
});

test("descriptions and names in any script come back as they went in", async () => {
  const description = "Tagesbesprechung – 日本語 🎉 <b>\"quoted\"</b>";
  const id = await createMeeting(ada, { description });
  assert.equal((await readMeeting(ada, id)).description, description);
});

test("a meeting made by REST is a room on the socket at once", async () => {
  const id = await createMeeting(bo);
  assert.equal((await join(await connect(bo), id)).isHost, true);
});
