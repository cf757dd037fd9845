import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { next } from "../support/mailbox.mjs";
import { ask, connect, done, join, user } from "../support/people.mjs";
import { as, assertError, createMeeting, readMeeting, request } from "../support/rest.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo");

test("a meeting that does not exist is a 404", async () => {
  assertError(await as(ada).get("/api/meetings/nowhere"), 404, "Meeting not found");
  assertError(await as(ada).patch("/api/meetings/nowhere", { description: "x", version: 1 }), 404);
  assertError(await as(ada).delete("/api/meetings/nowhere"), 404);
});

test("a meeting has both shapes, its hosts by name, and the line that says who hosts it", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  const hosted = [];
  for (const next of [null, bo, cy]) {
    if (next) await done(ada.socket, "make-host", { roomId, participantId: next.userId });
    hosted.push((await readMeeting(bo, roomId)).hostedBy);
  }
  assert.deepEqual(hosted, ["Ada", "Ada and Bo", "Ada, Bo and Cy"]);
  const meeting = await readMeeting(bo, roomId);
  assert.deepEqual(meeting.hosts.map(({ userId, name }) => [userId, name]), [
    [ada.userId, "Ada"],
    [bo.userId, "Bo"],
    [cy.userId, "Cy"],
  ]);
  assert.equal(meeting.createdBy, ada.userId);
  assert.equal(meeting.success, true);
  assert.equal(meeting.meeting.id, roomId);
  assert.equal(meeting.meeting.creatorId, ada.userId);
  assert.equal(meeting.version, 3);
});

test("a comma in a name stays a comma in the line that says who hosts", async () => {
  const jane = { ...(await user(cloud, "jane")), name: "Doe, Jane" };
  const id = await createMeeting(jane);
  assert.equal((await readMeeting(ada, id)).hostedBy, "Doe, Jane");
});

test("mine: upcoming, past and hosting, in pages, and nobody else's", async () => {
  const me = await user(cloud, "lister");
  const ids = [];
  for (let day = 1; day <= 5; day++) {
    ids.push(await createMeeting(me, { roomId: `list-${day}`, startsAt: `2040-01-0${day}T00:00:00Z` }));
  }
  const past = await createMeeting(me, { roomId: "list-past", startsAt: "2001-01-01T00:00:00Z" });
  await createMeeting(ada, { roomId: "list-other", startsAt: "2040-01-01T00:00:00Z" });

  const read = async (query) => {
    const { status, body } = await as(me).get(`/api/meetings?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const all = async (query) => {
    const found = [];
    for (let cursor = ""; ; ) {
      const page = await read(`${query}&limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      assert.ok(page.meetings.length <= 2);
      found.push(...page.meetings.map(({ id }) => id));
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  };
  assert.deepEqual(await all("period=upcoming"), ids);
  assert.deepEqual(await all("period=past"), [past]);
  assert.deepEqual(await all("hosting=true"), [...ids.toReversed(), past]);
  assert.deepEqual(await all(`userId=${me.userId}`), [...ids.toReversed(), past]);
  assertError(await as(me).get(`/api/meetings?userId=${ada.userId}`), 403);
  assertError(await as(me).get("/api/meetings?period=sometime"), 400);
  assertError(await as(me).get("/api/meetings?limit=0"), 400);
  assertError(await as(me).get("/api/meetings?cursor=garbage"), 400);
});

test("PATCH changes description, start and policy, on condition of the version, and the room is told", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const before = await readMeeting(ada, roomId);
  const { status, body } = await as(ada).patch(`/api/meetings/${roomId}`, {
    version: before.version,
    description: "Retro",
    startsAt: "2031-01-01T00:00:00Z",
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.description, "Retro");
  assert.equal(body.version, before.version + 1);
  assert.deepEqual(await readMeeting(ada, roomId), body);
  assert.equal((await next(bo.socket, "meeting-updated")).description, "Retro");

  assertError(await as(ada).patch(`/api/meetings/${roomId}`, { version: before.version, description: "Late" }), 409);
  assert.equal((await readMeeting(ada, roomId)).description, "Retro");
  assert.equal(body.createdBy, before.createdBy);
});

test("of two changes at the same version one is made", async () => {
  const id = await createMeeting(ada);
  const { version } = await readMeeting(ada, id);
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(
      ["One", "Two", "Three"].map((name) =>
        as(ada).patch(`/api/meetings/${id}`, { version: version + round, description: `${name} ${round}` }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
  }
});

test("PATCH refuses what it does not know and what is not a host's to change", async () => {
  const id = await createMeeting(ada);
  const { version } = await readMeeting(ada, id);
  for (const [field, change] of [
    ["createdBy", { createdBy: bo.userId }],
    ["startsAt", { startsAt: "soon" }],
    ["description", { description: "x".repeat(501) }],
    ["policy", { policy: { locked: "yes" } }],
    ["policy", { policy: { unknownSwitch: true } }],
    ["version", { version: "one", description: "x" }],
  ]) {
    const { error, message } = assertError(await as(ada).patch(`/api/meetings/${id}`, { version, ...change }), 400);
    assert.match(`${error} ${message}`, new RegExp(field));
  }
  assertError(await as(bo).patch(`/api/meetings/${id}`, { version, description: "Mine" }), 403);
});

test("DELETE of a host demotes him, also when he is not in the room; who is no host stays none", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(bo.socket, "leave-room", roomId);
  const { version } = await readMeeting(ada, roomId);
  assert.equal((await as(ada).delete(`/api/meetings/${roomId}/hosts/user_nobody`)).body.version, version);
  const { status } = await as(ada).delete(`/api/meetings/${roomId}/hosts/${bo.userId}`);
  assert.equal(status, 200);
  assert.equal((await join(bo.socket, roomId)).isHost, false);
  const cy = await user(cloud, "cy");
  assertError(await as(cy).delete(`/api/meetings/${roomId}/hosts/${ada.userId}`), 403);
});

test("participants shows who is in the room, to those who are in it or have a role", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo", "bo");
  const { status, body } = await as(bo).get(`/api/meetings/${roomId}/participants`);
  assert.equal(status, 200);
  assert.deepEqual(
    body.participants.map(({ id, name, isHost }) => [id, name, isHost]),
    [
      [ada.userId, "Ada", true],
      [bo.userId, "Bo", false],
    ],
  );
  const nosy = await user(cloud, "nosy");
  const refused = assertError(await as(nosy).get(`/api/meetings/${roomId}/participants`), 404);
  assert.deepEqual(refused, assertError(await as(nosy).get("/api/meetings/nowhere/participants"), 404));
});

test("the log is the audit trail: gap-free, in pages, for hosts", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  for (let round = 0; round < 3; round++) {
    await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
    await done(ada.socket, "remove-cohost", { roomId, participantId: bo.userId });
  }
  const entries = [];
  for (let after = 0; after !== null; ) {
    const { status, body } = await as(ada).get(`/api/meetings/${roomId}/log?after=${after}&limit=3`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.ok(body.entries.length <= 3);
    entries.push(...body.entries);
    after = body.nextAfter;
  }
  assert.deepEqual(entries.map(({ version }) => version), [1, 2, 3, 4, 5, 6, 7]);
  for (const entry of entries) {
    assert.equal(entry.by, ada.userId);
    assert.ok(!Number.isNaN(Date.parse(entry.at)), String(entry.at));
  }
  const { type, userId, from, to } = entries[1].change;
  assert.deepEqual({ type, userId, from, to }, { type: "role", userId: bo.userId, from: "participant", to: "co-host" });
  assertError(await as(bo).get(`/api/meetings/${roomId}/log`), 403);
});

for (const [how, end] of [
  ["DELETE", (by, id) => as(by).delete(`/api/meetings/${id}`)],
  ["POST …/end", (by, id) => as(by).post(`/api/meetings/${id}/end`, {})],
]) {
  test(`${how} ends the meeting for all: the room is told, and nothing can be changed any more`, async () => {
    const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
    assertError(await end(bo, roomId), 403);
    assert.equal((await end(ada, roomId)).status, 200);
    assert.deepEqual(await next(bo.socket, "meeting-ended"), { by: "Ada" });
    const { code } = await ask(ada.socket, "make-host", { roomId, participantId: bo.userId });
    assert.ok(["meeting-ended", "room-not-found"].includes(code), code); // Everybody is taken out of the room.
    const late = await connect(await user(cloud, "cy"));
    assert.equal((await ask(late, "join-room", { roomId })).code, "meeting-ended");
    assert.ok((await readMeeting(ada, roomId)).endedAt);
  });
}

test("the OpenAPI document is served to everybody and names every path", async () => {
  const { status, body } = await request(cloud, "GET", "/api/openapi.json");
  assert.equal(status, 200);
  assert.match(body.openapi, /^3\./);
  const paths = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).filter((key) => /^(get|post|put|patch|delete)$/.test(key)).map((method) => `${method} ${path.replace(/\{[^}]+\}/g, "{}")}`),
  );
  for (const path of [
    "post /api/meetings",
    "get /api/meetings",
    "get /api/meetings/{}",
    "patch /api/meetings/{}",
    "delete /api/meetings/{}",
    "get /api/meetings/{}/participants",
    "delete /api/meetings/{}/hosts/{}",
    "get /api/meetings/{}/log",
  ]) {
    assert.ok(paths.includes(path), `${path} is missing in ${paths.join(", ")}`);
  }
});

test("an unknown address and an unknown method get an error in the shape of all others", async () => {
  assertError(await as(ada).get("/api/nowhere"), 404);
  assertError(await request(cloud, "PUT", "/api/meetings", { by: ada, body: {} }), 405);
});
