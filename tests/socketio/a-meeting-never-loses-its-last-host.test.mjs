import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done } from "../support/people.mjs";
import { as, assertError, readMeeting } from "../support/rest.mjs";
import { assertNoChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();
const LAST = { error: "Cannot remove the last host", code: "last-host" };

test("the last host cannot step down", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada } = room;
  assert.deepEqual(await ask(ada.socket, "remove-host", { roomId, participantId: ada.userId }), LAST);
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "host-revoked");
  assertNoChange(...sockets(room));
  assert.deepEqual((await readMeeting(ada, roomId)).hosts.map((host) => host.userId), [ada.userId]);
});

test("a host may step down when there is another", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(ada.socket, "remove-host", { roomId, participantId: ada.userId });
  assert.deepEqual(await next(ada.socket, "host-revoked"), { by: "Ada" });
  assert.deepEqual((await readMeeting(ada, roomId)).hosts.map((host) => host.userId), [bo.userId]);
  assert.deepEqual(await ask(bo.socket, "remove-host", { roomId, participantId: bo.userId }), LAST);
});

test("the last host cannot be turned into something less by any event", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  for (const event of ["remove-host", "make-cohost", "remove-cohost"]) {
    for (const actor of [ada, bo]) {
      const answer = await ask(actor.socket, event, { roomId, participantId: ada.userId });
      assert.ok(answer.error, `${event} by ${actor.user}: ${JSON.stringify(answer)}`);
    }
  }
  assert.deepEqual((await readMeeting(ada, roomId)).hosts.map((host) => host.userId), [ada.userId]);
});

test("DELETE of the last host is refused, of another host it is not", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const hosts = `/api/meetings/${roomId}/hosts`;
  assert.equal(assertError(await as(ada).delete(`${hosts}/${ada.userId}`), 409).code, "last-host");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
  assert.equal((await as(ada).delete(`${hosts}/${bo.userId}`)).status, 200);
  assert.deepEqual(await next(bo.socket, "host-revoked"), { by: "Ada" }, "the room is told");
  await next(bo.socket, "participant-updated", ({ updates }) => updates.isHost === false);
  assertError(await as(ada).delete(`${hosts}/${ada.userId}`), 409);
});
