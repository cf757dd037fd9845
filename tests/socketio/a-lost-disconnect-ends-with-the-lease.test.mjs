import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next, unread } from "../support/mailbox.mjs";
import { ask, connect, join } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();

/** His network goes away: he says no goodbye, and the cloud loses its own `$disconnect`. */
async function vanish({ socket }) {
  await cloud.quiet();
  await cloud.chaos({ lostDisconnects: true });
  socket.io.reconnection(false);
  socket.io.engine.transport.ws.terminate();
  await next(socket, "disconnect");
  await cloud.quiet();
  await cloud.chaos();
}

/** Minute by minute, with each socket given the chance to answer its ping in between, as in life. */
async function passMinutes(minutes, sockets, enough = () => false) {
  for (let minute = 0; minute < minutes && !enough(); minute++) {
    await cloud.advance("1m");
    for (const socket of sockets) await ask(socket, "get-socket-id-for-user", { userId: "user_nobody" });
  }
}

test("when $disconnect is lost, participant-left comes from the heartbeat", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  const peerId = bo.socket.id;
  await vanish(bo);
  // Nobody posts anything to the room, so that only the heartbeat can find out.
  await cloud.quiet();
  for (const { socket } of [ada, cy]) gotNone(socket, "participant-left");

  await passMinutes(15, [ada.socket, cy.socket], () => unread(ada.socket, "participant-left").length > 0);
  for (const { socket } of [ada, cy]) {
    assert.deepEqual(await next(socket, "participant-left"), { peerId, userId: bo.userId });
  }
  const { participants } = (await as(ada).get(`/api/meetings/${roomId}/participants`)).body;
  assert.deepEqual(participants.map(({ id }) => id).sort(), [ada.userId, cy.userId].sort());
});

test("before the heartbeat, whoever tells the room something finds out", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await vanish(bo);
  ada.socket.emit("update-my-state", { roomId, isAudioMuted: false });
  assert.equal((await next(cy.socket, "participant-left")).userId, bo.userId);
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
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await vanish(bo);
  await passMinutes(15, [ada.socket], () => unread(ada.socket, "participant-left").length > 0);
  await next(ada.socket, "participant-left");
  const back = await connect(bo);
  await join(back, roomId);
  await next(ada.socket, "participant-joined");
  await passMinutes(5, [ada.socket, back]);
  gotNone(ada.socket, "participant-left");
});
