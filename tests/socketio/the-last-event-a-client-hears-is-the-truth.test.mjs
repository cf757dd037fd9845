// Fan-outs of two changes may overtake each other. The real front ends merge what they hear as it comes and look at no
// version, so whatever is told last, to each of them, has to be how things are.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { forget, unread, unreadArgs } from "../support/mailbox.mjs";
import { ask, connect, done, user } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { roomOf, sockets } from "../support/room.mjs";

const cloud = await localCloud();

/** What a real front end shows of `userId` after what `socket` heard. */
const shown = (socket, userId) =>
  unread(socket, "participant-updated")
    .filter(({ participantId }) => participantId === userId)
    .reduce((badge, { updates }) => ({ ...badge, ...updates }), {});

async function truth({ roomId, ada }, userId) {
  const { body } = await as(ada).get(`/api/meetings/${roomId}/participants`);
  const { isHost, isCoHost } = body.participants.find(({ id }) => id === userId);
  return { isHost, isCoHost };
}

async function assertAllShowTheTruth(room, person) {
  await cloud.quiet();
  const { isHost, isCoHost } = await truth(room, person.userId);
  for (const socket of sockets(room)) {
    const heard = unreadArgs(socket, "participant-updated").map(([{ updates }, version]) => `${version} ${JSON.stringify(updates)}`);
    const badge = { isHost: false, isCoHost: false, ...shown(socket, person.userId) };
    assert.deepEqual(badge, { isHost, isCoHost }, `shown ${JSON.stringify(badge)} after hearing ${heard.join(", ")}`);
  }
}

test("one host who changes his mind quickly", async () => {
  for (let round = 0; round < 8; round++) {
    const room = await roomOf(cloud, "ada", "bo", "cy", "di");
    const { roomId, ada, bo } = room;
    for (const event of ["make-cohost", "remove-cohost", "make-cohost", "remove-cohost", "make-host", "remove-host"].slice(round % 5)) {
      await done(ada.socket, event, { roomId, participantId: bo.userId });
    }
    await assertAllShowTheTruth(room, bo);
  }
});

test("two hosts who disagree about a third at the same instant", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy", "di");
  const { roomId, ada, bo, cy } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (let round = 0; round < 8; round++) {
    await cloud.quiet();
    forget(...sockets(room));
    await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
    await Promise.all([
      ask(ada.socket, "remove-cohost", { roomId, participantId: cy.userId }),
      ask(bo.socket, "make-cohost", { roomId, participantId: cy.userId }),
      ask(ada.socket, "make-cohost", { roomId, participantId: cy.userId }),
      ask(bo.socket, "remove-cohost", { roomId, participantId: cy.userId }),
    ]);
    await assertAllShowTheTruth(room, cy);
  }
});

test("who joins in the middle of a change shows the truth too", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  for (let round = 0; round < 10; round++) {
    const late = await connect(await user(cloud, `late${round}`));
    let badge;
    late.onAny((name, payload) => (badge = badgeAfter(name, payload, bo.userId) ?? badge));
    await Promise.all([
      done(ada.socket, round % 2 ? "remove-cohost" : "make-cohost", { roomId, participantId: bo.userId }),
      done(late, "join-room", { roomId }),
    ]);
    await cloud.quiet();
    assert.equal(badge, (await truth(room, bo.userId)).isCoHost, `round ${round}`);
    late.disconnect();
  }
});

/** What an event says of the co-host badge of `userId`, if anything. */
function badgeAfter(name, payload, userId) {
  if (name === "participant-updated" && payload.participantId === userId) return payload.updates.isCoHost;
  if (Array.isArray(payload)) return payload.find(({ id }) => id === userId)?.isCoHost;
  return undefined;
}
