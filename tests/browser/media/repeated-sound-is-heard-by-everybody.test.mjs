// RED: a front end that sends each packet of sound with the one before it. Stock mediasoup-client plays it, and who cannot read RED gets
// the Opus inside.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1", LOSS_OUT: "0.1" } });
const participant = await participants();
await cloud.nodesReady(1);

const listening = { audio: false, video: false };

/** What has come since `before`. */
const since = (before, now) =>
  Object.fromEntries(
    ["packetsReceived", "packetsLost", "packetsDiscarded", "bytesReceived", "concealmentEvents"].map((count) => [count, now[count] - before[count]]),
  );

test("a stock client plays RED as it was sent, and another the Opus inside", async (context) => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const ada = await participant(cloud, roomId, "ada", { video: false, red: true });
  const bo = await participant(cloud, roomId, "bo", listening);
  const cy = await participant(cloud, roomId, "cy", { ...listening, unknown: ["audio/red"] });
  const hears = async (someone) => since(await someone.receives(ada, "microphone"), await someone.receives(ada, "microphone", { more: 400 }));
  const [repeated, plain] = await Promise.all([hears(bo), hears(cy)]);
  context.diagnostic(`RED ${JSON.stringify(repeated)}`);
  context.diagnostic(`Opus ${JSON.stringify(plain)}`);
  const size = ({ bytesReceived, packetsReceived }) => bytesReceived / packetsReceived;
  assert.ok(size(repeated) > 1.5 * size(plain), "each packet brings two");
  // What comes for the second time is thrown away: only who reads RED sees it.
  assert.ok(repeated.packetsDiscarded > repeated.packetsReceived / 2, "repeated packets are read");
  assert.ok(plain.packetsDiscarded < plain.packetsReceived / 10, "nothing comes twice");
  // One packet in ten is lost on its way, and with RED the next one brings it: what is left are two in a row.
  for (const { packetsLost } of [repeated, plain]) assert.ok(packetsLost > 10, "packets were lost");
  assert.ok(repeated.concealmentEvents < repeated.packetsLost / 2, "what was lost came again");
  for (const someone of [ada, bo, cy]) someone.unharmed();
});

test("who sends as stock clients do is heard as before", async () => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const ada = await participant(cloud, roomId, "ada", { video: false });
  const bo = await participant(cloud, roomId, "bo", listening);
  const { codec } = await bo.receives(ada, "microphone", { more: 50 });
  assert.equal(codec, "audio/opus");
});
