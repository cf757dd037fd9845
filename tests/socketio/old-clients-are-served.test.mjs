// What the front ends that exist send beyond the first document, and a bare room id where it has an object.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { next } from "../support/mailbox.mjs";
import { ask, connect, done, user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");

test("join-room takes a bare room id", async () => {
  const roomId = await createMeeting(ada);
  const socket = await connect(ada);
  assert.deepEqual(await ask(socket, "join-room", roomId), { success: true, isHost: true, isCoHost: false });
  assert.deepEqual((await next(socket, "existing-participants")).map(({ id, name }) => [id, name]), [
    [ada.userId, "Ada"],
  ]);
});

test("join-room works without an acknowledgement", async () => {
  const roomId = await createMeeting(ada);
  const socket = await connect(ada);
  socket.emit("join-room", roomId);
  assert.equal((await next(socket, "existing-participants"))[0].isHost, true);
});

test("the debug component's test-room is refused and harms nobody", async () => {
  const socket = await connect(ada);
  socket.emit("join-room", "test-room");
  assert.equal((await next(socket, "error")).code, "room-not-found");
  socket.emit("leave-room", "test-room");
  await done(socket, "set-user-id", ada.userId);
});

test("set-user-id is accepted and changes nothing", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  bo.socket.emit("set-user-id", ada.userId);
  const { code } = await ask(bo.socket, "make-host", { roomId, participantId: bo.userId });
  assert.equal(code, "only-hosts");
});

test("get-socket-id-for-user finds a connection of somebody in the same room", async () => {
  const { ada, bo } = await roomOf(cloud, "ada", "bo");
  assert.equal((await ask(ada.socket, "get-socket-id-for-user", { userId: bo.userId })).socketId, bo.socket.id);
});

test("get-socket-id-for-user gives nothing about people elsewhere", async () => {
  const { ada } = await roomOf(cloud, "ada", "bo");
  const { cy } = await roomOf(cloud, "cy", "di");
  for (const userId of [cy.userId, "user_nobody"]) {
    assert.equal((await ask(ada.socket, "get-socket-id-for-user", { userId })).socketId ?? null, null);
  }
});

test("update-my-state tells the others what changed, and only that", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  bo.socket.emit("update-my-state", { roomId, userId: bo.userId, isAudioMuted: false });
  for (const socket of [ada.socket, cy.socket]) {
    assert.deepEqual(await next(socket, "participant-state-changed"), { userId: bo.userId, isAudioMuted: false });
  }
  bo.socket.emit("update-my-state", { roomId, isAudioMuted: true, isVideoPaused: false });
  for (const socket of [ada.socket, cy.socket]) {
    assert.deepEqual(await next(socket, "participant-state-changed"), {
      userId: bo.userId,
      isAudioMuted: true,
      isVideoPaused: false,
    });
  }
});

test("update-my-state is not told to the sender", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  bo.socket.emit("update-my-state", { roomId, isAudioMuted: false });
  await next(ada.socket, "participant-state-changed");
  // Bo's own change, had it been told to him, would be there before Ada's later one.
  ada.socket.emit("update-my-state", { roomId, isAudioMuted: false });
  const { userId } = await next(bo.socket, "participant-state-changed");
  assert.equal(userId, ada.userId);
});

test("update-my-state in a room in which one is not is refused", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  const outsider = await connect(await user(cloud, "bo"));
  outsider.emit("update-my-state", { roomId, isAudioMuted: false });
  assert.equal((await next(outsider, "error")).code, "room-not-found");
  await done(outsider, "join-room", { roomId });
  const [me] = (await next(outsider, "existing-participants")).filter(({ id }) => id !== ada.userId);
  assert.equal(me.isAudioMuted, true);
});
