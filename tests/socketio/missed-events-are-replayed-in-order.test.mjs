// Connection state recovery: what happened while a client was away reaches it when it comes back, once and in order.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { forget, next, nextArgs, unreadNames } from "../support/mailbox.mjs";
import { connect, done, join } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { nextChange, roomOf } from "../support/room.mjs";

const cloud = await localCloud();

/** Loses the connection and stays away until the function that it gives is called. */
async function loseConnection({ socket }) {
  socket.io.reconnection(false);
  socket.io.engine.close();
  await next(socket, "disconnect");
  forget(socket);
  return async () => {
    socket.io.reconnection(true);
    socket.connect();
    await next(socket, "connect");
  };
}

/** The arguments of the next `count` different role changes, in the order in which they came. Repetitions are left out. */
async function roleEvents(socket, count) {
  const seen = new Map();
  const isNew = (_, version) => !seen.has(version);
  while (seen.size < count) {
    const args = await nextArgs(socket, "participant-updated", isNew);
    seen.set(args[1], args);
  }
  return [...seen.values()];
}

const byVersion = (one, other) => Number(one[1]) - Number(other[1]);

test("events in a room carry the meeting's version as their last argument, one more each time", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  await done(ada.socket, "remove-cohost", { roomId, participantId: bo.userId });
  const versions = (await roleEvents(bo.socket, 2)).sort(byVersion).map((args) => args.at(-1));
  for (const version of versions) assert.match(version, /^\d+$/);
  assert.equal(Number(versions[1]), Number(versions[0]) + 1);
});

test("what was missed is replayed in order", async () => {
  const { roomId, ada, bo, cy, di } = await roomOf(cloud, "ada", "bo", "cy", "di");
  // Something to have seen, so that the client has an offset to come back with.
  await done(ada.socket, "make-cohost", { roomId, participantId: di.userId });
  await nextChange(cy.socket);
  const { id } = cy.socket;

  const comeBack = await loseConnection(cy);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
  await done(bo.socket, "remove-cohost", { roomId, participantId: di.userId });
  await done(bo.socket, "make-cohost", { roomId, participantId: di.userId });
  await done(ada.socket, "remove-host", { roomId, participantId: bo.userId });
  await cloud.quiet(); // So that what comes now is the replay, and not the end of a fan-out.
  await comeBack();
  assert.equal(cy.socket.recovered, true);
  assert.equal(cy.socket.id, id);
  const change = (person, updates, version) => [{ participantId: person.userId, updates }, version];
  assert.deepEqual(await roleEvents(cy.socket, 4), [
    change(bo, { isHost: true }, "3"),
    change(di, { isCoHost: false }, "4"),
    change(di, { isCoHost: true }, "5"),
    change(bo, { isHost: false }, "6"),
  ]);
});

test("a demotion during the gap is seen, with its notice", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
  await nextChange(bo.socket);

  const comeBack = await loseConnection(bo);
  // By REST, which needs nobody in the room.
  const { status } = await as(ada).delete(`/api/meetings/${roomId}/hosts/${bo.userId}`);
  assert.equal(status, 200);
  await comeBack();
  assert.equal(bo.socket.recovered, true);
  assert.deepEqual(await nextChange(bo.socket), {
    participantId: bo.userId,
    updates: { isHost: false },
  });
  assert.deepEqual(await next(bo.socket, "host-revoked"), { by: "Ada" });
  const refused = await bo.socket.timeout(10_000).emitWithAck("make-host", { roomId, participantId: ada.userId });
  assert.equal(refused.code, "only-hosts");
});

test("notices to somebody else are not replayed to the one who was away", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
  await nextChange(cy.socket);
  forget(cy.socket);
  const comeBack = await loseConnection(cy);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await comeBack();
  await nextChange(cy.socket);
  assert.equal(unreadNames(cy.socket).includes("host-granted"), false);
});

test("a stock client that comes back by itself recovers too, again and again", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  for (let round = 0; round < 5; round++) {
    bo.socket.io.engine.close();
    await next(bo.socket, "disconnect");
    await next(bo.socket, "connect");
    assert.equal(bo.socket.recovered, true, `round ${round}`);
    await done(ada.socket, round % 2 ? "remove-cohost" : "make-cohost", { roomId, participantId: bo.userId });
    const { updates } = await nextChange(bo.socket);
    assert.equal(updates.isCoHost, round % 2 === 0, "the live events go on");
  }
});

test("a session is not recovered after a deliberate goodbye", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  bo.socket.disconnect();
  await next(ada.socket, "participant-left");
  forget(bo.socket);
  bo.socket.connect();
  await next(bo.socket, "connect");
  assert.equal(bo.socket.recovered, false);
  await join(bo.socket, roomId);
});

test("a session is recovered only by its own user", async () => {
  const { ada, bo } = await roomOf(cloud, "ada", "bo");
  const { _pid: pid } = ada.socket;
  assert.equal(typeof pid, "string");
  ada.socket.io.reconnection(false);
  ada.socket.io.engine.close();
  const { token } = await cloud.tool("/_local/token?user=bo&name=Bo");
  const thief = await connect(bo, { auth: { token, pid, offset: "1" } });
  assert.notEqual(thief.id, ada.socket.id);
  assert.notEqual(thief._pid, pid);
});

test("an unknown or malformed session is no error: the client starts anew", async () => {
  const { bo } = await roomOf(cloud, "ada", "bo");
  for (const auth of [{ pid: "nobody", offset: "1" }, { pid: 7, offset: {} }, { pid: "x".repeat(5000), offset: "-1" }]) {
    const { token } = await cloud.tool("/_local/token?user=bo&name=Bo");
    const socket = await connect(bo, { auth: { token, ...auth } });
    assert.equal(socket.recovered, false);
    assert.equal(typeof socket._pid, "string");
  }
});
