// Removal from a room: of all tabs, at once, and until somebody readmits him.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { forget, gotNone, next, unread } from "../support/mailbox.mjs";
import { ask, connect, done } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { addTab, roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();

const REFUSED = { error: "You were removed from this meeting", code: "removed" };

const without = (person) => (list) => list.every(({ id }) => id !== person.userId);

test("every tab is told, the others see him go, and he is not let in again", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "bo", "cy");
  // The payload of the sidebar.
  await done(ada.socket, "remove-participant", { roomId, userId: ada.userId, targetUserId: bo.userId });
  for (const socket of bo.tabs) {
    assert.deepEqual(await next(socket, "kicked-from-room"), { by: "Ada", reason: "Removed by host" });
  }
  for (const socket of [ada.socket, cy.socket]) {
    assert.equal((await next(socket, "participant-left")).userId, bo.userId);
    await next(socket, "participant-list-update", without(bo));
  }
  assert.deepEqual(await next(ada.socket, "success"), { message: "Participant removed" });

  for (const socket of bo.tabs) {
    assert.deepEqual(await ask(socket, "join-room", { roomId }), REFUSED);
    assert.equal((await next(socket, "error", ({ event }) => event === "join-room")).code, "removed");
  }
  const another = await connect(bo);
  assert.deepEqual(await ask(another, "join-room", { roomId }), REFUSED);
  assert.equal((await as(bo).get(`/api/meetings/${roomId}/participants`)).status, 404);

  // What happens in the room is no longer his concern.
  for (const socket of bo.tabs) forget(socket);
  await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
  await next(cy.socket, "cohost-granted");
  for (const socket of bo.tabs) {
    assert.ok((await ask(socket, "update-my-state", { roomId, isAudioMuted: false })).error);
    gotNone(socket, "participant-updated", "participant-list-update");
  }
});

test("a removed host is host no more, and one who is readmitted is a participant", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(ada.socket, "remove-participant", { roomId, targetUserId: bo.userId });
  await next(bo.socket, "kicked-from-room");
  const { hosts } = (await as(ada).get(`/api/meetings/${roomId}`)).body;
  assert.equal(hosts.length, 1);
  assert.equal((await as(bo).delete(`/api/meetings/${roomId}`)).status, 403, "he has no say over REST either");

  await done(ada.socket, "readmit-participant", { roomId, targetUserId: bo.userId });
  assert.deepEqual(await ask(bo.socket, "join-room", { roomId }), { success: true, isHost: false, isCoHost: false });
});

test("the creator can be removed like any host, and nobody removes himself", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const self = { error: "You cannot do this to yourself", code: "cannot-target-self" };
  assert.deepEqual(await ask(ada.socket, "remove-participant", { roomId, targetUserId: ada.userId }), self);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(bo.socket, "remove-participant", { roomId, targetUserId: ada.userId });
  await next(ada.socket, "kicked-from-room");
  assert.equal((await as(bo).get(`/api/meetings/${roomId}`)).body.createdBy, ada.userId);
});

test("a co-host removes participants, and nobody who has a role", async () => {
  const { roomId, ada, bo, cy, di } = await roomOf(cloud, "ada", "bo", "cy", "di");
  for (const cohost of [bo, cy]) await done(ada.socket, "make-cohost", { roomId, participantId: cohost.userId });
  const remove = (target) => ask(bo.socket, "remove-participant", { roomId, targetUserId: target.userId });
  assert.deepEqual(await remove(ada), { error: "Co-hosts cannot remove hosts", code: "not-over-hosts" });
  assert.deepEqual(await remove(cy), { error: "Co-hosts cannot remove co-hosts", code: "not-over-hosts" });
  assert.equal((await next(bo.socket, "error")).event, "remove-participant");
  assert.equal((await remove(di)).success, true);
  await next(di.socket, "kicked-from-room");
});

test("whoever was away when he was removed learns it when he comes back, and nothing that happened after", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
  await next(bo.socket, "participant-updated");
  // A second tab that stays away too, so that he is still in the room when he is removed.
  bo.socket.io.reconnection(false);
  const away = await addTab({ roomId }, bo);
  await done(ada.socket, "make-host", { roomId, participantId: cy.userId });
  await next(away, "participant-updated", ({ updates }) => updates.isHost);
  bo.socket.io.engine.close();
  await next(bo.socket, "disconnect");
  forget(bo.socket);
  await done(ada.socket, "remove-participant", { roomId, targetUserId: bo.userId });
  await next(away, "kicked-from-room");
  await done(ada.socket, "remove-host", { roomId, participantId: cy.userId });
  await cloud.quiet();

  bo.socket.io.reconnection(true);
  bo.socket.connect();
  await next(bo.socket, "connect");
  assert.equal(bo.socket.recovered, true);
  assert.deepEqual(await next(bo.socket, "kicked-from-room"), { by: "Ada", reason: "Removed by host" });
  assert.deepEqual(await ask(bo.socket, "join-room", { roomId }), REFUSED);
  const demotions = unread(bo.socket, "participant-updated").filter(({ updates }) => updates.isHost === false);
  assert.deepEqual(demotions, [], "what happened after his removal");
  gotNone(bo.socket, "participant-list-update");
});

test("whoever was away when all were muted learns it when he comes back", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
  for (const { socket } of [bo, cy]) await next(socket, "participant-updated");
  for (const { socket } of [bo, cy]) {
    socket.io.reconnection(false);
    socket.io.engine.close();
    await next(socket, "disconnect");
  }
  await done(ada.socket, "mute-all-participants", { roomId });
  await cloud.quiet();
  for (const { socket } of [bo, cy]) {
    forget(socket);
    socket.io.reconnection(true);
    socket.connect();
    await next(socket, "connect");
    assert.equal(socket.recovered, true);
  }
  assert.deepEqual(await next(bo.socket, "force-mute"), { audio: true, by: "Ada", locked: true });
  const list = await next(cy.socket, "participant-list-update", (list) => list.some(({ id }) => id === bo.userId));
  assert.equal(list.find(({ id }) => id === bo.userId).audioLocked, true);
  await settle(room);
  gotNone(cy.socket, "force-mute");
});
