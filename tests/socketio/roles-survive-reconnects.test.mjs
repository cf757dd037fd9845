import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { next } from "../support/mailbox.mjs";
import { connect, done, join } from "../support/people.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();

/** Reloads the page: the old connection goes, a new one joins. */
async function refresh(person, roomId) {
  person.socket.disconnect();
  person.socket = await connect(person);
  person.tabs = [person.socket];
  return join(person.socket, roomId);
}

test("it works with reconnects: the user id is kept, the socket id is not", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const before = bo.socket.id;
  await refresh(bo, roomId);
  assert.notEqual(bo.socket.id, before);
  await next(ada.socket, "participant-left");
  assert.equal((await next(ada.socket, "participant-joined")).id, bo.userId);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
});

test("the creator is host again after a refresh", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada", "bo");
  assert.deepEqual(await refresh(ada, roomId), { success: true, isHost: true, isCoHost: false });
});

test("a promoted host is host after a refresh, and his controls work", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await refresh(bo, roomId), { success: true, isHost: true, isCoHost: false });
  const list = await next(bo.socket, "existing-participants");
  assert.equal(list.find(({ id }) => id === bo.userId).isHost, true);
  await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
});

test("a co-host is co-host after a refresh", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  assert.deepEqual(await refresh(bo, roomId), { success: true, isHost: false, isCoHost: true });
});

test("a demotion survives a refresh, the creator's too", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
  assert.deepEqual(await refresh(ada, roomId), { success: true, isHost: false, isCoHost: false });
});

test("a demotion survives leaving and coming back on the same connection", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await done(ada.socket, "remove-cohost", { roomId, participantId: bo.userId });
  await done(bo.socket, "leave-room", { roomId });
  assert.deepEqual(await join(bo.socket, roomId), { success: true, isHost: false, isCoHost: false });
});

test("roles survive an empty room", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(ada.socket, "remove-host", { roomId, participantId: ada.userId });
  ada.socket.disconnect();
  await next(bo.socket, "participant-left");
  bo.socket.disconnect();
  assert.equal((await join(await connect(ada), roomId)).isHost, false);
  assert.equal((await join(await connect(bo), roomId)).isHost, true);
});
