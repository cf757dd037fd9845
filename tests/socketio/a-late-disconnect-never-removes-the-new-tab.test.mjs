import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { connect, done } from "../support/people.mjs";
import { addTab, roomOf, settle, sockets } from "../support/room.mjs";
import { as } from "../support/rest.mjs";

const cloud = await localCloud();
const present = async (by, roomId) =>
  (await as(by).get(`/api/meetings/${roomId}/participants`)).body.participants.map(({ id }) => id).sort();

test("refresh order: the new connection joins before the old one disconnects, and nobody has left", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  const old = bo.socket;
  await addTab(room, bo);
  old.disconnect();
  bo.tabs.shift();
  await settle(room);
  for (const socket of [ada.socket, cy.socket]) gotNone(socket, "participant-left", "participant-joined");
  assert.deepEqual(await present(ada, roomId), [ada.userId, bo.userId, cy.userId].sort());
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.tabs[0], "host-granted");
});

test("the same when the events of the functions come late and out of order", async () => {
  await cloud.chaos({ delayInvocationsMs: 60, seed: 7 });
  try {
    for (let round = 0; round < 5; round++) {
      const room = await roomOf(cloud, "ada", "bo");
      const { roomId, ada, bo } = room;
      const old = bo.socket;
      await addTab(room, bo);
      old.disconnect();
      bo.tabs.shift();
      await settle(room);
      gotNone(ada.socket, "participant-left");
      assert.deepEqual(await present(ada, roomId), [ada.userId, bo.userId].sort(), `round ${round}`);
      for (const socket of sockets(room)) socket.disconnect();
    }
  } finally {
    await cloud.chaos();
  }
});

test("two tabs: closing one changes nothing for anybody, closing both does", async () => {
  const room = await roomOf(cloud, "ada", "bo", "bo");
  const { roomId, ada, bo } = room;
  bo.tabs[0].disconnect();
  await settle(room);
  gotNone(ada.socket, "participant-left");
  assert.deepEqual(await present(ada, roomId), [ada.userId, bo.userId].sort());
  bo.tabs[1].disconnect();
  assert.equal((await next(ada.socket, "participant-left")).userId, bo.userId);
  assert.deepEqual(await present(ada, roomId), [ada.userId]);
});

test("two tabs of different people do not count as one", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await connect(cy); // Connected, but in no room.
  cy.socket.disconnect();
  assert.equal((await next(ada.socket, "participant-left")).userId, cy.userId);
  assert.deepEqual(await present(bo, roomId), [ada.userId, bo.userId].sort());
});
