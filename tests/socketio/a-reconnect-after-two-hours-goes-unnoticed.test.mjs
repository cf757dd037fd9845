// API Gateway ends every connection after two hours. The stock client comes back by itself and finds everything as it was.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { forget, gotNone, next } from "../support/mailbox.mjs";
import { ask, done, user } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { addTab, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

test("after two hours everybody is back by himself, still in the room, with his role", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
  // A fan-out from before the jump would find everybody gone two hours ago, which no real clock brings about.
  await cloud.quiet();
  const ids = new Map(sockets(room).map((socket) => [socket, socket.id]));
  forget(...sockets(room));

  await cloud.advance("2h");

  for (const socket of sockets(room)) {
    await next(socket, "disconnect");
    await next(socket, "connect");
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, ids.get(socket), "a recovered session keeps its id");
  }
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, "participant-left");

  await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
  for (const socket of sockets(room)) {
    const { updates } = await next(socket, "participant-updated", (change) => change.participantId === ada.userId);
    assert.deepEqual(updates, { isHost: false });
  }
  await next(ada.socket, "host-revoked");
  const { participants } = (await as(ada).get(`/api/meetings/${roomId}/participants`)).body;
  assert.deepEqual(
    participants.map(({ id, isHost, isCoHost }) => [id, isHost, isCoHost]).sort(),
    [
      [ada.userId, false, false],
      [bo.userId, true, false],
      [cy.userId, false, true],
    ].sort(),
  );
});

test("and once more, two hours later", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  for (let round = 0; round < 2; round++) {
    await cloud.quiet();
    forget(...sockets(room));
    await cloud.advance("2h");
    for (const socket of sockets(room)) {
      await next(socket, "connect");
      assert.equal(socket.recovered, true);
    }
  }
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await next(bo.socket, "host-granted");
});

test(
  "the others do not see him leave when his two hours are over and theirs are not",
  async () => {
    const room = await roomOf(cloud, "ada");
    const { ada } = room;
    const bo = { ...(await user(cloud, "bo")), tabs: [] };
    room.people.push(bo);
    const passHour = async () => {
      for (let minute = 0; minute < 60; minute++) {
        await cloud.advance("1m");
        for (const socket of sockets(room)) await ask(socket, "set-user-id", "to be heard of");
      }
    };
    await passHour();
    await addTab(room, bo);
    await settle(room);
    await cloud.quiet();
    forget(...sockets(room));
    const back = next(ada.socket, "connect", undefined, 60_000);
    await passHour();
    await back;
    assert.equal(ada.socket.recovered, true);
    await settle(room);
    gotNone(bo.socket, "disconnect", "participant-left");
  },
);
