import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done } from "../support/people.mjs";
import { assertNoChange, nextChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

test("a host can emit make-cohost", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  assert.deepEqual(await ask(ada.socket, "make-cohost", { roomId, participantId: bo.userId }), { success: true });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Co-host status granted" });
});

test("a non-host gets an error, and nothing changes", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, bo, cy } = room;
  const answer = await ask(bo.socket, "make-cohost", { roomId, participantId: cy.userId });
  assert.deepEqual(answer, { error: "Only hosts can promote co-hosts", code: "only-hosts" });
  await next(bo.socket, "error", ({ event }) => event === "make-cohost");
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "cohost-granted", "success", "error");
  assertNoChange(...sockets(room));
});

test("the target receives cohost-granted, and nobody else does", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(bo.socket, "cohost-granted"), { by: "Ada" });
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "cohost-granted", "host-granted", "cohost-revoked");
});

test("all participants see the updated badge", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  for (const socket of sockets(room)) {
    assert.deepEqual(await nextChange(socket), {
      participantId: bo.userId,
      updates: { isCoHost: true },
    });
  }
});

test("remove-cohost takes the badge away in front of everybody", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  for (const socket of sockets(room)) await nextChange(socket);
  await next(ada.socket, "success");
  await cloud.quiet();
  assert.deepEqual(await ask(ada.socket, "remove-cohost", { roomId, participantId: bo.userId }), { success: true });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Co-host status removed" });
  assert.deepEqual(await next(bo.socket, "cohost-revoked"), { by: "Ada" });
  for (const socket of sockets(room)) {
    assert.deepEqual(await nextChange(socket), {
      participantId: bo.userId,
      updates: { isCoHost: false },
    });
  }
});

test("a host cannot be made co-host", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await ask(ada.socket, "make-cohost", { roomId, participantId: bo.userId }), {
    error: "Cannot promote host to co-host",
    code: "target-already-host",
  });
});

test("remove-cohost never demotes a host", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  const { error, code } = await ask(ada.socket, "remove-cohost", { roomId, participantId: bo.userId });
  assert.equal(code, "target-is-host", error);
  await done(bo.socket, "make-cohost", { roomId, participantId: bo.userId }).then(
    () => assert.fail("promoted himself"),
    () => {},
  );
  await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
});

test("doing it twice is no error and no second change", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await nextChange(bo.socket);
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await settle(room);
  assertNoChange(bo.socket);
});
