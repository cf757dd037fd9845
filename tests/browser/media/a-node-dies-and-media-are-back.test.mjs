// The node of a call is killed: another one takes the room, and the clients rebuild by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { until } from "../../support/deadline.mjs";
import { allReceiveAll, participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

/** How long pictures may be away. */
const GAP_MS = 5_000;

const participant = await participants();

for (const nodes of [2, 1]) {
  test(`with ${nodes} node(s) media are back`, async (context) => {
    const cloud = await localCloud({ env: { NODES: String(nodes) } });
    await cloud.nodesReady(nodes);
    const roomId = await createMeeting(await user(cloud, "ada"));
    const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
    await allReceiveAll([ada, bo]);

    const line = await cloud.logged("Room goes to a media node", { roomId });
    const id = /\bnode"?\s*[=:]\s*"?([\w-]+)/.exec(line)[1];
    const { node } = (await cloud.tool("/_local/media")).find((one) => one.id === id);
    await ada.page.evaluate((userId) => window.page.watch(userId), bo.userId);
    await bo.page.evaluate((userId) => window.page.watch(userId), ada.userId);
    await cloud.tool("/_local/media/kill", { node });

    const changed = async (person) => (await person.heard("media-node-changed")).length > 0;
    await Promise.all([ada, bo].map((person) => until(() => changed(person), `media-node-changed at ${person.name}`)));
    await allReceiveAll([ada, bo]);
    for (const person of [ada, bo]) {
      const gap = await person.page.evaluate(() => window.page.gap());
      context.diagnostic(`${nodes} node(s): ${person.name} had no picture for ${Math.round(gap)} ms`);
      // One alone has to be started again first.
      assert.ok(gap < (nodes > 1 ? GAP_MS : 2 * GAP_MS), `${gap} ms`);
    }
    assert.equal((await ada.heard("media-node-changed"))[0].roomId, roomId);
  });
}
