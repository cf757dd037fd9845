import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, connect, done, join, user } from "../support/people.mjs";
import { createMeeting, readMeeting } from "../support/rest.mjs";
import { assertNoChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

async function refused(socket, event, payload, error, code) {
  assert.deepEqual(await ask(socket, event, payload), { error, code });
  assert.deepEqual(await next(socket, "error"), { message: error, code, event });
}

for (const event of ["make-host", "make-cohost"]) {
  test(`a host cannot ${event} himself`, async () => {
    const room = await roomOf(cloud, "ada", "bo");
    const { roomId, ada } = room;
    const payload = { roomId, participantId: ada.userId };
    await refused(ada.socket, event, payload, "You cannot promote yourself", "cannot-target-self");
    await settle(room);
    for (const socket of sockets(room)) gotNone(socket, "success");
    assertNoChange(...sockets(room));
  });

  test(`a participant cannot ${event} himself`, async () => {
    const { roomId, bo } = await roomOf(cloud, "ada", "bo");
    const { code } = await ask(bo.socket, event, { roomId, participantId: bo.userId });
    assert.ok(["only-hosts", "cannot-target-self"].includes(code), code);
    assert.deepEqual((await readMeeting(bo, roomId)).hosts.length, 1);
  });

  test(`${event} of somebody who is not in the room`, async () => {
    const { roomId, ada } = await roomOf(cloud, "ada", "bo");
    const absent = await user(cloud, "absent");
    const payload = { roomId, participantId: absent.userId };
    await refused(ada.socket, event, payload, "Participant not found", "participant-not-found");
  });

  test(`${event} of somebody who is only in another room`, async () => {
    const { roomId, ada } = await roomOf(cloud, "ada", "bo");
    const { cy } = await roomOf(cloud, "cy", "di");
    const payload = { roomId, participantId: cy.userId };
    await refused(ada.socket, event, payload, "Participant not found", "participant-not-found");
  });

  test(`${event} of somebody who has left`, async () => {
    const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
    await done(bo.socket, "leave-room", { roomId });
    await next(ada.socket, "participant-left");
    const payload = { roomId, participantId: bo.userId };
    await refused(ada.socket, event, payload, "Participant not found", "participant-not-found");
  });

  test(`${event} of a socket id: roles belong to users`, async () => {
    const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
    const payload = { roomId, participantId: bo.socket.id };
    await refused(ada.socket, event, payload, "Participant not found", "participant-not-found");
  });
}

for (const event of ["make-host", "remove-host", "make-cohost", "remove-cohost"]) {
  test(`the room must exist for ${event}`, async () => {
    const ada = await user(cloud, "ada");
    const socket = await connect(ada);
    const payload = { roomId: "no-such-room", participantId: ada.userId };
    await refused(socket, event, payload, "Room not found", "room-not-found");
  });

  test(`a room in which one is not looks like none to ${event}, even for its host`, async () => {
    const ada = await user(cloud, "ada");
    const roomId = await createMeeting(ada);
    const bo = await user(cloud, "bo");
    await join(await connect(bo), roomId);
    const stranger = await connect(await user(cloud, "cy"));
    const payload = { roomId, participantId: bo.userId };
    await refused(stranger, event, payload, "Room not found", "room-not-found");
    await refused(await connect(ada), event, payload, "Room not found", "room-not-found");
  });
}

test("a room that does not exist cannot be joined", async () => {
  const socket = await connect(await user(cloud, "ada"));
  await refused(socket, "join-room", { roomId: "no-such-room" }, "Room not found", "room-not-found");
});
