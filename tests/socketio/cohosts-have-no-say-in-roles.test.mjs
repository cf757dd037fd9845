import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { assertNoChange, nextChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

const REFUSED = {
  "make-host": "Only hosts can promote others",
  "remove-host": "Only hosts can remove host status",
  "make-cohost": "Only hosts can promote co-hosts",
  "remove-cohost": "Only hosts can remove co-hosts",
};

for (const [event, sentence] of Object.entries(REFUSED)) {
  test(`a co-host is refused ${event}, whoever the target is`, async () => {
    const room = await roomOf(cloud, "ada", "bo", "cy", "di");
    const { roomId, ada, bo, cy, di } = room;
    for (const cohost of [bo, di]) {
      await done(ada.socket, "make-cohost", { roomId, participantId: cohost.userId });
      for (const socket of sockets(room)) await nextChange(socket);
      await next(ada.socket, "success");
    }
    for (const target of [ada, bo, cy, di]) {
      const answer = await ask(bo.socket, event, { roomId, participantId: target.userId });
      assert.deepEqual(answer, { error: sentence, code: "only-hosts" }, target.user);
      assert.deepEqual(await next(bo.socket, "error"), { message: sentence, code: "only-hosts", event });
    }
    await settle(room);
    for (const socket of sockets(room)) gotNone(socket, "success");
    assertNoChange(...sockets(room));
  });
}

test("a co-host cannot change the meeting, end it, remove its hosts or read its log", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  const meeting = `/api/meetings/${roomId}`;
  const { version } = (await as(bo).get(meeting)).body;
  const refused = [
    await as(bo).patch(meeting, { description: "Mine now", version }),
    await as(bo).delete(meeting),
    await as(bo).delete(`${meeting}/hosts/${ada.userId}`),
    await as(bo).get(`${meeting}/log`),
  ];
  for (const { status, body } of refused) assert.equal(status, 403, JSON.stringify(body));
});

test("a co-host keeps what everybody may do", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  bo.socket.emit("update-my-state", { roomId, isAudioMuted: false });
  assert.deepEqual(await next(ada.socket, "participant-state-changed"), { userId: bo.userId, isAudioMuted: false });
});
