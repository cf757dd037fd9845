import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done } from "../support/people.mjs";
import { assertNoChange, nextChange, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

test("a host can emit make-host", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  assert.deepEqual(await ask(ada.socket, "make-host", { roomId, participantId: bo.userId }), { success: true });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Host status granted" });
});

test("make-host works without an acknowledgement, as the first document sends it", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  ada.socket.emit("make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Host status granted" });
  await next(bo.socket, "host-granted");
});

test("a non-host gets an error, and nothing changes", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, bo, cy } = room;
  const answer = await ask(bo.socket, "make-host", { roomId, participantId: cy.userId });
  assert.deepEqual(answer, { error: "Only hosts can promote others", code: "only-hosts" });
  assert.deepEqual(await next(bo.socket, "error"), {
    message: "Only hosts can promote others",
    code: "only-hosts",
    event: "make-host",
  });
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "host-granted", "success", "error");
  assertNoChange(...sockets(room));
});

test("the target receives host-granted with the name of who did it, and nobody else does", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(bo.socket, "host-granted"), { by: "Ada" });
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "host-granted", "cohost-granted", "host-revoked");
});

test("all participants see the updated badge", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (const socket of sockets(room)) {
    assert.deepEqual(await nextChange(socket), {
      participantId: bo.userId,
      updates: { isHost: true },
    });
  }
  await settle(room);
  assertNoChange(...sockets(room));
});

test("the promoted user can use host controls", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
  await done(bo.socket, "make-host", { roomId, participantId: cy.userId });
  assert.deepEqual(await next(cy.socket, "host-granted"), { by: "Bo" });
  await done(bo.socket, "remove-host", { roomId, participantId: cy.userId });
  assert.deepEqual(await next(cy.socket, "host-revoked"), { by: "Bo" });
  await done(bo.socket, "make-cohost", { roomId, participantId: cy.userId });
  assert.deepEqual(await next(cy.socket, "cohost-granted"), { by: "Bo" });
  await done(bo.socket, "remove-cohost", { roomId, participantId: cy.userId });
  assert.deepEqual(await next(cy.socket, "cohost-revoked"), { by: "Bo" });
});

test("hosts are equal: the promoted can demote the creator", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
  assert.deepEqual(await next(ada.socket, "host-revoked"), { by: "Bo" });
  assert.deepEqual(await ask(ada.socket, "remove-host", { roomId, participantId: bo.userId }), {
    error: "Only hosts can remove host status",
    code: "only-hosts",
  });
});

test("remove-host takes the badge away in front of everybody", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (const socket of sockets(room)) await nextChange(socket);
  await next(ada.socket, "success");
  await cloud.quiet();
  assert.deepEqual(await ask(ada.socket, "remove-host", { roomId, participantId: bo.userId }), { success: true });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Host status removed" });
  assert.deepEqual(await next(bo.socket, "host-revoked"), { by: "Ada" });
  for (const socket of sockets(room)) {
    assert.deepEqual(await nextChange(socket), {
      participantId: bo.userId,
      updates: { isHost: false },
    });
  }
});

test("a co-host who becomes host is told as both booleans", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await nextChange(bo.socket);
  await cloud.quiet();
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await nextChange(bo.socket), {
    participantId: bo.userId,
    updates: { isHost: true, isCoHost: false },
  });
});

test("the log tells a promotion in the words of the first document", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await cloud.logged("📥 Received make-host", {
    roomId,
    participantId: bo.userId,
    fromSocket: ada.socket.id,
    fromUser: ada.userId,
  });
  await cloud.logged("✅ Promoted to host", { participantId: bo.userId });
  await cloud.logged("✅ make-host completed");
  await ask(cy.socket, "make-host", { roomId, participantId: bo.userId });
  await cloud.logged("⚠️ Unauthorized make-host attempt by", { fromSocket: cy.socket.id });
});
