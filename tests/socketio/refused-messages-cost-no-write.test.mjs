// A stranger, or somebody who may not, can make the functions run, but not the table write.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud, writesIn } from "../support/cloud.mjs";
import { ask, connect, refusal, user } from "../support/people.mjs";
import { dial, ended, messageOrEnd, opened } from "../support/raw.mjs";
import { request } from "../support/rest.mjs";
import { roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();
const room = await roomOf(cloud, "ada", "bo");
const { roomId, ada, bo } = room;
const mallory = await user(cloud, "mallory");
const stranger = await connect(mallory);

/** Runs `deed` and asserts that no function wrote to the table, nor began a transaction, because of it. */
async function costsNoWrite(deed) {
  await cloud.quiet(200);
  const calls = await cloud.countCalls();
  await deed();
  await cloud.quiet(200);
  const { totals } = await calls();
  assert.equal(writesIn({ totals }), 0, JSON.stringify(totals.operations));
}

test("a stranger who only connects, and one who is refused, cost no more than a look when they go", async () => {
  await cloud.quiet(200);
  const calls = await cloud.countCalls();
  const { socket } = await opened(cloud);
  socket.send('40{"token":"garbage"}');
  await messageOrEnd(socket);
  socket.close();
  await ended(socket);
  await refusal(mallory, { auth: {} });
  await cloud.quiet(200);
  const { calls: made } = await calls();
  const operations = made.filter(({ service }) => service === "dynamodb").map(({ operation }) => operation);
  assert.deepEqual(operations.filter((operation) => operation !== "GetItem"), []);
  assert.ok(operations.length <= 2, `one look each at most, not ${operations.length}`);
});

const RAW = {
  "an event before CONNECT": `42["join-room",${JSON.stringify({ roomId })}]`,
  "an unknown namespace": "40/admin,",
  "a malformed packet": "42[",
};
for (const [name, packet] of Object.entries(RAW)) {
  test(name, () =>
    costsNoWrite(async () => {
      const { socket } = await opened(cloud);
      socket.send(packet);
      await messageOrEnd(socket);
      socket.close();
      await ended(socket);
    }),
  );
}

test("a handshake that is refused", () =>
  costsNoWrite(async () => {
    for (const query of ["EIO=3&transport=websocket", "transport=websocket", "EIO=4&transport=carrier-pigeon"]) {
      await ended(dial(cloud, query));
    }
  }));

const EVENTS = {
  "a role event by somebody without the role": () => [bo.socket, "make-host", { roomId, participantId: bo.userId }],
  "a role event for somebody absent": () => [ada.socket, "make-host", { roomId, participantId: "user_absent" }],
  "a promotion of oneself": () => [ada.socket, "make-host", { roomId, participantId: ada.userId }],
  "the last host stepping down": () => [ada.socket, "remove-host", { roomId, participantId: ada.userId }],
  "a role event from outside the room": () => [stranger, "make-host", { roomId, participantId: bo.userId }],
  "a role event for a room that does not exist": () => [stranger, "make-host", { roomId: "nowhere", participantId: "u" }],
  "a join of a room that does not exist": () => [stranger, "join-room", { roomId: "nowhere" }],
  "leaving a room in which one is not": () => [stranger, "leave-room", { roomId }],
  "a state for a room in which one is not": () => [stranger, "update-my-state", { roomId, isAudioMuted: false }],
  "a wrong type": () => [stranger, "join-room", { roomId: 7 }],
  "an unknown event": () => [stranger, "no-such-event", { roomId }],
  "what is so already": () => [ada.socket, "remove-cohost", { roomId, participantId: bo.userId }],
};
for (const [name, of] of Object.entries(EVENTS)) {
  test(name, () => costsNoWrite(() => ask(...of())));
}

test("REST without a token, with a bad body, and by somebody who may not", () =>
  costsNoWrite(async () => {
    const refused = [
      await request(cloud, "POST", "/api/meetings", { body: {} }),
      await request(cloud, "POST", "/api/meetings", { by: mallory, raw: "{" }),
      await request(cloud, "POST", "/api/meetings", { by: mallory, body: { roomId: "a b" } }),
      await request(cloud, "PATCH", `/api/meetings/${roomId}`, { by: mallory, body: { description: "x", version: 1 } }),
      await request(cloud, "DELETE", `/api/meetings/${roomId}`, { by: mallory }),
      await request(cloud, "DELETE", `/api/meetings/${roomId}/hosts/${ada.userId}`, { by: ada }),
    ];
    for (const { status } of refused) assert.ok(status >= 400 && status < 500, String(status));
  }));

test("a stranger cannot tell whether a meeting exists", async () => {
  for (const event of ["make-host", "remove-host", "make-cohost", "remove-cohost", "update-my-state"]) {
    const [real, unreal] = await Promise.all(
      [roomId, "nowhere"].map((id) => ask(stranger, event, { roomId: id, participantId: bo.userId })),
    );
    assert.deepEqual(real, unreal, event);
  }
  const [real, unreal] = await Promise.all(
    [roomId, "nowhere"].map((id) => request(cloud, "GET", `/api/meetings/${id}`)),
  );
  assert.deepEqual([real.status, real.body], [unreal.status, unreal.body]);
  await settle(room);
});
