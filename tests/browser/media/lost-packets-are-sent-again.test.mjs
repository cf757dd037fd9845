// One packet in twenty is lost in each direction, by the node's own test switch: retransmissions make up for it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1", LOSS_IN: "0.05", LOSS_OUT: "0.05" } });
const participant = await participants();
await cloud.nodesReady(1);

test("pictures and sound go on with 5 % loss both ways, by retransmission", async () => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
  await Promise.all([ada.receives(bo, "camera"), bo.receives(ada, "camera")]);
  for (const [one, other] of [[ada, bo], [bo, ada]]) {
    const received = await one.receives(other, "camera", { more: 100 });
    assert.ok(received.nackCount > 0, JSON.stringify(received));
    assert.ok(received.retransmittedPacketsReceived > 0, JSON.stringify(received));
    // What was not made up for needs a key frame; without retransmission that would be every few frames.
    assert.ok(received.keyFramesDecoded < received.framesDecoded / 10, JSON.stringify(received));
    await one.receives(other, "microphone", { more: 50 });
  }
});
