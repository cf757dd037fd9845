import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, connect, done, join, user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { assertNoChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo");

test("a join with somebody else's userId and name is a join of one's own", async () => {
  const roomId = await createMeeting(ada);
  const host = await connect(ada);
  await join(host, roomId);
  const liar = await connect(bo);
  const answer = await join(liar, roomId, {
    userId: ada.userId,
    userName: "Ada",
    isHost: true,
    isCoHost: true,
    isCreator: true,
    role: "HOST",
    createdBy: bo.userId,
  });
  assert.deepEqual(answer, { success: true, isHost: false, isCoHost: false });
  const { id, name, isHost, isCoHost } = await next(host, "participant-joined");
  assert.deepEqual({ id, name, isHost, isCoHost }, { id: bo.userId, name: "Bo", isHost: false, isCoHost: false });
  const list = await next(liar, "existing-participants");
  assert.deepEqual(list.map((one) => one.id).sort(), [ada.userId, bo.userId].sort());
});

test("isCreator from somebody else takes nothing from the creator", async () => {
  const roomId = await createMeeting(ada);
  await join(await connect(bo), roomId, { userId: bo.userId, isCreator: true });
  assert.equal((await join(await connect(ada), roomId)).isHost, true);
});

for (const event of ["make-host", "remove-host", "make-cohost", "remove-cohost"]) {
  test(`${event} with the host's userId in the payload is refused`, async () => {
    const room = await roomOf(cloud, "ada", "bo", "cy");
    const payload = { roomId: room.roomId, participantId: room.cy.userId, userId: room.ada.userId, isHost: true };
    assert.equal((await ask(room.bo.socket, event, payload)).code, "only-hosts");
    await settle(room);
    assertNoChange(...sockets(room));
  });
}

test("update-my-state with somebody else's userId changes only oneself", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  bo.socket.emit("update-my-state", { roomId, userId: ada.userId, isAudioMuted: false });
  assert.equal((await next(cy.socket, "participant-state-changed")).userId, bo.userId);
  const di = await connect(await user(cloud, "di"));
  await join(di, roomId);
  const muted = Object.fromEntries((await next(di, "existing-participants")).map((one) => [one.id, one.isAudioMuted]));
  assert.equal(muted[ada.userId], true);
  assert.equal(muted[bo.userId], false);
});

test("leave-room with somebody else's userId leaves him where he is", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await done(bo.socket, "leave-room", { roomId, userId: ada.userId });
  assert.equal((await next(cy.socket, "participant-left")).userId, bo.userId);
  room.people = [ada, cy];
  await settle(room);
  gotNone(cy.socket, "participant-left");
});

test("auth.userId beside the token is not believed", async () => {
  const roomId = await createMeeting(ada);
  const { token } = await cloud.tool(`/_local/token?user=bo&name=Bo`);
  const socket = await connect(bo, { auth: { token, userId: ada.userId, isHost: true } });
  assert.equal((await join(socket, roomId)).isHost, false);
  assert.equal((await next(socket, "existing-participants"))[0].id, bo.userId);
});

test("by in the notice is the name in the token, not the one in a payload", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId, by: "Somebody", userName: "Somebody" });
  assert.deepEqual(await next(bo.socket, "host-granted"), { by: "Ada" });
});
