import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { connect, done, user } from "../support/people.mjs";
import { addTab, assertNoChange, nextChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

for (const [grant, granted, revoke, revoked] of [
  ["make-host", "host-granted", "remove-host", "host-revoked"],
  ["make-cohost", "cohost-granted", "remove-cohost", "cohost-revoked"],
]) {
  test(`${granted} and ${revoked} go to every tab of the target and to nobody else`, async () => {
    const room = await roomOf(cloud, "ada", "ada", "bo", "bo", "bo", "cy");
    const { roomId, ada, bo } = room;
    const change = { participantId: bo.userId };
    for (const [event, notice] of [
      [grant, granted],
      [revoke, revoked],
    ]) {
      await done(ada.socket, event, { roomId, ...change });
      for (const socket of bo.tabs) assert.deepEqual(await next(socket, notice), { by: "Ada" });
      for (const socket of sockets(room)) {
        assert.equal((await nextChange(socket)).participantId, bo.userId);
      }
      await next(ada.tabs[0], "success");
    }
    await settle(room);
    for (const socket of sockets(room)) {
      gotNone(socket, "host-granted", "host-revoked", "cohost-granted", "cohost-revoked");
    }
    assertNoChange(...sockets(room));
    gotNone(ada.tabs[1], "success");
  });
}

test("several tabs are one participant, with the role in each", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  const second = await addTab(room, bo);
  const list = await next(second, "existing-participants");
  assert.deepEqual(list.map(({ id, isHost }) => [id, isHost]), [
    [ada.userId, true],
    [bo.userId, true],
  ]);
  await settle(room);
  gotNone(ada.socket, "participant-joined");
  await done(second, "make-cohost", { roomId, participantId: ada.userId }).then(
    () => assert.fail("Ada is a host"),
    ({ message }) => assert.match(message, /target-already-host/),
  );
});

test("a tab that is connected but not in the room hears nothing of it", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const lobby = await connect(await user(cloud, "bo"));
  await done(room.ada.socket, "make-host", { roomId: room.roomId, participantId: room.bo.userId });
  await next(room.bo.socket, "host-granted");
  await settle(room);
  gotNone(lobby, "host-granted");
  assertNoChange(lobby);
});
