import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, connect, done, join } from "../support/people.mjs";
import { assertNoChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

test("a client that disconnects has left: the others are told who", async () => {
  const { ada, bo } = await roomOf(cloud, "ada", "bo");
  const peerId = bo.socket.id;
  bo.socket.disconnect();
  assert.deepEqual(await next(ada.socket, "participant-left"), { peerId, userId: bo.userId });
});

test("participant-left waits for the last tab", async () => {
  const room = await roomOf(cloud, "ada", "bo", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  const [first, second] = bo.tabs;
  const peerId = second.id;
  first.disconnect();
  await settle(room);
  for (const socket of [ada.socket, cy.socket]) gotNone(socket, "participant-left");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await next(second, "cohost-granted");
  second.disconnect();
  for (const socket of [ada.socket, cy.socket]) {
    assert.deepEqual(await next(socket, "participant-left"), { peerId, userId: bo.userId });
  }
});

test("an ordinary goodbye is told to each of the others once", async () => {
  const { ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  bo.socket.disconnect();
  for (const { socket } of [ada, cy]) await next(socket, "participant-left");
  await cloud.quiet();
  for (const { socket } of [ada, cy]) gotNone(socket, "participant-left");
});

for (const [shape, payload] of [
  ["a string", (roomId) => roomId],
  ["an object", (roomId) => ({ roomId })],
]) {
  test(`leave-room takes ${shape}`, async () => {
    const room = await roomOf(cloud, "ada", "bo");
    const { roomId, ada, bo } = room;
    const peerId = bo.socket.id;
    assert.deepEqual(await ask(bo.socket, "leave-room", payload(roomId)), { success: true });
    assert.deepEqual(await next(ada.socket, "participant-left"), { peerId, userId: bo.userId });
    room.people = [ada];
    await done(ada.socket, "make-host", { roomId, participantId: bo.userId }).then(
      () => assert.fail("he is not in the room"),
      () => {},
    );
    gotNone(bo.socket, "host-granted");
    assertNoChange(bo.socket);
    assert.equal(bo.socket.connected, true, "the connection stays for the next room");
    assert.equal((await join(bo.socket, roomId)).isHost, false);
    await next(ada.socket, "participant-joined", ({ id }) => id === bo.userId);
  });
}

test("leave-room of one tab leaves the other in the room", async () => {
  const room = await roomOf(cloud, "ada", "bo", "bo");
  const { roomId, ada, bo } = room;
  const [first, second] = bo.tabs;
  await done(first, "leave-room", roomId);
  bo.tabs = [second];
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "participant-left");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(second, "host-granted");
  gotNone(first, "host-granted");
});

test("leaving a room in which one is not changes nothing", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const outsider = await connect(room.bo);
  await ask(outsider, "leave-room", room.roomId);
  await ask(outsider, "leave-room", "no-such-room");
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "participant-left");
});
