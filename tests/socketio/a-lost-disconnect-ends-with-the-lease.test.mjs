import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next, unread } from "../support/mailbox.mjs";
import { ask, connect, join } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();

/** Minute by minute, with each socket given the chance to answer its ping in between, as in life. */
async function passMinutes(minutes, sockets, enough = () => false) {
  for (let minute = 0; minute < minutes && !enough(); minute++) {
    await cloud.advance("1m");
    for (const socket of sockets) await ask(socket, "get-socket-id-for-user", { userId: "user_nobody" });
  }
}

test("when $disconnect is lost, participant-left comes from the heartbeat", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await cloud.chaos({ lostDisconnects: true });
  const peerId = bo.socket.id;
  // The network goes away: no Socket.IO goodbye, and the cloud loses its own.
  bo.socket.io.reconnection(false);
  bo.socket.io.engine.transport.ws.terminate();
  room.people = [ada, cy];
  await settle(room);
  for (const { socket } of [ada, cy]) gotNone(socket, "participant-left");

  await passMinutes(15, [ada.socket, cy.socket], () => unread(ada.socket, "participant-left").length > 0);
  for (const { socket } of [ada, cy]) {
    assert.deepEqual(await next(socket, "participant-left"), { peerId, userId: bo.userId });
  }
  const { participants } = (await as(ada).get(`/api/meetings/${roomId}/participants`)).body;
  assert.deepEqual(participants.map(({ id }) => id).sort(), [ada.userId, cy.userId].sort());
  await cloud.chaos();
});

test("who answers his pings is never ended by the heartbeat", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  await passMinutes(30, [room.ada.socket]);
  await settle(room);
  for (const { socket } of [room.ada, room.bo]) {
    gotNone(socket, "participant-left", "disconnect");
    assert.equal(socket.connected, true);
  }
});

test("a late $disconnect after the lease ended, and a new tab since, removes nobody", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await cloud.chaos({ lostDisconnects: true });
  bo.socket.io.reconnection(false);
  bo.socket.io.engine.transport.ws.terminate();
  await cloud.chaos();
  room.people = [ada];
  await passMinutes(15, [ada.socket], () => unread(ada.socket, "participant-left").length > 0);
  await next(ada.socket, "participant-left");
  const back = await connect(bo);
  await join(back, roomId);
  await next(ada.socket, "participant-joined");
  await passMinutes(5, [ada.socket, back]);
  gotNone(ada.socket, "participant-left");
});
