// Every refusal is heard twice: as the acknowledgement when one was asked for, and as the event `error` always.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, connect, done, user } from "../support/people.mjs";
import { assertNoChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

const CASES = [
  ["only-hosts", "Only hosts can promote others", ({ roomId, ada }) => ["bo", "make-host", { roomId, participantId: ada.userId }]],
  ["only-hosts", "Only hosts can remove host status", ({ roomId, ada }) => ["bo", "remove-host", { roomId, participantId: ada.userId }]],
  ["only-hosts", "Only hosts can promote co-hosts", ({ roomId, ada }) => ["bo", "make-cohost", { roomId, participantId: ada.userId }]],
  ["only-hosts", "Only hosts can remove co-hosts", ({ roomId, ada }) => ["bo", "remove-cohost", { roomId, participantId: ada.userId }]],
  ["room-not-found", "Room not found", ({ bo }) => ["ada", "make-host", { roomId: "nowhere", participantId: bo.userId }]],
  ["participant-not-found", "Participant not found", ({ roomId }) => ["ada", "make-host", { roomId, participantId: "user_absent" }]],
  ["participant-not-found", "Participant not found", ({ roomId }) => ["ada", "remove-host", { roomId, participantId: "user_absent" }]],
  ["participant-not-found", "Participant not found", ({ roomId }) => ["ada", "make-cohost", { roomId, participantId: "user_absent" }]],
  ["participant-not-found", "Participant not found", ({ roomId }) => ["ada", "remove-cohost", { roomId, participantId: "user_absent" }]],
  ["cannot-target-self", "You cannot promote yourself", ({ roomId, ada }) => ["ada", "make-host", { roomId, participantId: ada.userId }]],
  ["last-host", "Cannot remove the last host", ({ roomId, ada }) => ["ada", "remove-host", { roomId, participantId: ada.userId }]],
];

const room = await roomOf(cloud, "ada", "bo");

for (const [code, sentence, of] of CASES) {
  const [who, event] = of(room);
  test(`${event}: "${sentence}", as acknowledgement and as event, to nobody else`, async () => {
    const [, , payload] = of(room);
    const { socket } = room[who];
    assert.deepEqual(await ask(socket, event, payload), { error: sentence, code });
    assert.deepEqual(await next(socket, "error"), { message: sentence, code, event });
    socket.emit(event, payload);
    assert.deepEqual(await next(socket, "error"), { message: sentence, code, event }, "also without an acknowledgement");
    await settle(room);
    for (const one of sockets(room)) gotNone(one, "error", "success");
    assertNoChange(...sockets(room));
  });
}

test("an unknown event is answered by its name", async () => {
  const socket = await connect(await user(cloud, "cy"));
  const { code, error } = await ask(socket, "getRouterRtpCapabilities", { roomId: room.roomId });
  assert.equal(code, "unknown-event");
  assert.deepEqual(await next(socket, "error"), { message: error, code, event: "getRouterRtpCapabilities" });
  socket.emit("no-such-event");
  assert.equal((await next(socket, "error")).event, "no-such-event");
});

const WRONG_TYPES = [
  ["join-room"],
  ["join-room", null],
  ["join-room", 7],
  ["join-room", []],
  ["join-room", {}],
  ["join-room", { roomId: 7 }],
  ["join-room", { roomId: { $ne: null } }],
  ["join-room", ""],
  ["join-room", "a b"],
  ["join-room", "a#b"],
  ["join-room", "x".repeat(1000)],
  ["leave-room", false],
  ["make-host", "a-room-only"],
  ["make-host", { roomId: "r" }],
  ["make-host", { roomId: "r", participantId: null }],
  ["make-host", { roomId: "r", participantId: ["u"] }],
  ["make-host", { roomId: "r", participantId: "u/../v" }],
  ["remove-host", { participantId: "user_x" }],
  ["make-cohost", [{ roomId: "r", participantId: "u" }]],
  ["remove-cohost", { roomId: {}, participantId: "u" }],
  ["update-my-state", { roomId: "r", isAudioMuted: "yes" }],
  ["update-my-state", { roomId: "r", isVideoPaused: 1 }],
  ["get-socket-id-for-user", {}],
  ["get-socket-id-for-user", { userId: 5 }],
];

test("wrong types are refused with a sentence, and the connection stays", async () => {
  const socket = await connect(await user(cloud, "cy"));
  for (const [event, ...args] of WRONG_TYPES) {
    const what = `${event} ${JSON.stringify(args).slice(0, 80)}`;
    const answer = await ask(socket, event, ...args);
    assert.equal(answer.code, "invalid-payload", `${what}: ${JSON.stringify(answer)}`);
    assert.ok(answer.error.length > 5, what);
    assert.deepEqual(await next(socket, "error"), { message: answer.error, code: "invalid-payload", event }, what);
  }
  await done(socket, "join-room", { roomId: room.roomId });
});
