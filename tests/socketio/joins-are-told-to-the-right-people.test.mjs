import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next, unread } from "../support/mailbox.mjs";
import { connect, done, join, user } from "../support/people.mjs";
import { roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();
const FIELDS = [
  "audioLocked",
  "id",
  "imageUrl",
  "isAudioMuted",
  "isCoHost",
  "isHost",
  "isVideoPaused",
  "name",
  "screenShareLocked",
  "videoLocked",
];

test("existing-participants has everybody, the joiner included, in the order in which they came", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const cy = await user(cloud, "cy");
  const socket = await connect(cy);
  await join(socket, roomId);
  const list = await next(socket, "existing-participants");
  assert.deepEqual(list.map(({ id }) => id), [ada.userId, bo.userId, cy.userId]);
  for (const entry of list) assert.deepEqual(Object.keys(entry).sort(), FIELDS);
});

test("existing-participants shows the roles and the microphones as they are", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  cy.socket.emit("update-my-state", { roomId, isAudioMuted: false });
  await next(ada.socket, "participant-state-changed", ({ isAudioMuted }) => isAudioMuted === false);
  const di = await connect(await user(cloud, "di"));
  await join(di, roomId);
  const [a, b, c, d] = await next(di, "existing-participants");
  assert.deepEqual([a.isHost, a.isCoHost, b.isHost, b.isCoHost], [true, false, false, true]);
  assert.deepEqual([c.isHost, c.isCoHost, d.isHost, d.isCoHost], [false, false, false, false]);
  assert.deepEqual([c.isAudioMuted, d.isAudioMuted, d.isVideoPaused], [false, true, true]);
});

test("participant-joined goes to the others only", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const cy = { ...(await user(cloud, "cy")), tabs: [await connect(await user(cloud, "cy"))] };
  await join(cy.tabs[0], room.roomId);
  for (const socket of sockets(room)) {
    const joined = await next(socket, "participant-joined");
    assert.equal(joined.id, cy.userId);
    assert.deepEqual(Object.keys(joined).sort(), FIELDS);
  }
  room.people.push(cy);
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "participant-joined");
});

test("participant-list-update tells a small room who is there, the joiner too", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const cy = await user(cloud, "cy");
  const socket = await connect(cy);
  await join(socket, roomId);
  for (const one of [ada.socket, bo.socket, socket]) {
    const list = await next(one, "participant-list-update", (list) => list.length === 3);
    assert.deepEqual(list.map(({ id }) => id).sort(), [ada.userId, bo.userId, cy.userId].sort());
    for (const entry of list) assert.deepEqual(Object.keys(entry).sort(), FIELDS);
  }
  await done(socket, "leave-room", { roomId });
  for (const one of [ada.socket, bo.socket]) {
    await next(one, "participant-list-update", (list) => list.length === 2);
  }
});

test("joining the same room again on the same connection is harmless", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  assert.deepEqual(await join(ada.socket, roomId), { success: true, isHost: true, isCoHost: false });
  assert.equal((await next(ada.socket, "existing-participants")).length, 2);
  await settle(room);
  gotNone(bo.socket, "participant-left");
});

test("two who join at the same instant always see each other", async () => {
  for (let round = 0; round < 10; round++) {
    const { roomId, ada } = await roomOf(cloud, "ada");
    const pair = await Promise.all(["bo", "cy"].map((name) => user(cloud, name)));
    const tabs = await Promise.all(pair.map((person) => connect(person)));
    await Promise.all(tabs.map((socket) => join(socket, roomId)));
    for (const [index, socket] of tabs.entries()) {
      const other = pair[1 - index].userId;
      const list = await next(socket, "existing-participants");
      if (!list.some(({ id }) => id === other)) await next(socket, "participant-joined", ({ id }) => id === other);
    }
    for (const { userId } of pair) await next(ada.socket, "participant-joined", ({ id }) => id === userId);
    for (const socket of tabs) socket.disconnect();
  }
});

test("what happens in one room is not heard in another", async () => {
  const here = await roomOf(cloud, "ada", "bo");
  const there = await roomOf(cloud, "cy", "di");
  await done(here.ada.socket, "make-host", { roomId: here.roomId, participantId: here.bo.userId });
  await next(here.bo.socket, "host-granted");
  await settle(here);
  await settle(there);
  for (const socket of sockets(there)) {
    assert.deepEqual(unread(socket, "participant-updated"), [], "of any version");
    gotNone(socket, "participant-joined", "participant-list-update", "host-granted");
  }
});
