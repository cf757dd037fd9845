import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { ask, done } from "../support/people.mjs";
import { as, readMeeting } from "../support/rest.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();
const ROUNDS = 50;

test(`two hosts demote each other at the same instant, ${ROUNDS} times: one host remains`, async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all([
      ask(ada.socket, "remove-host", { roomId, participantId: bo.userId }),
      ask(bo.socket, "remove-host", { roomId, participantId: ada.userId }),
    ]);
    const { hosts } = await readMeeting(ada, roomId);
    assert.equal(hosts.length, 1, `round ${round}: ${JSON.stringify(answers)}`);
    assert.equal(answers.filter(({ success }) => success).length, 1, `round ${round}: ${JSON.stringify(answers)}`);
    const loser = answers.find(({ success }) => !success);
    assert.ok(["only-hosts", "last-host"].includes(loser.code), JSON.stringify(loser));
    const [winner, other] = hosts[0].userId === ada.userId ? [ada, bo] : [bo, ada];
    await done(winner.socket, "make-host", { roomId, participantId: other.userId });
  }
});

test("both step down at the same instant: one host remains", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(
      [ada, bo].map(({ socket, userId }) => ask(socket, "remove-host", { roomId, participantId: userId })),
    );
    const { hosts } = await readMeeting(ada, roomId);
    assert.equal(hosts.length, 1, `round ${round}: ${JSON.stringify(answers)}`);
    const [winner, other] = hosts[0].userId === ada.userId ? [ada, bo] : [bo, ada];
    await done(winner.socket, "make-host", { roomId, participantId: other.userId });
  }
});

test("a socket and a REST call demote at the same instant: one host remains", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  for (let round = 0; round < 10; round++) {
    await Promise.all([
      ask(ada.socket, "remove-host", { roomId, participantId: bo.userId }),
      as(bo).delete(`/api/meetings/${roomId}/hosts/${ada.userId}`),
    ]);
    const { hosts } = await readMeeting(ada, roomId);
    assert.equal(hosts.length, 1, `round ${round}`);
    const [winner, other] = hosts[0].userId === ada.userId ? [ada, bo] : [bo, ada];
    await done(winner.socket, "make-host", { roomId, participantId: other.userId });
  }
});
