// The page of these tests ignores every request to be silent, as a hostile client does: the node must see to it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { until } from "../../support/deadline.mjs";
import { participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1" } });
const participant = await participants();
await cloud.nodesReady(1);

/** He still sends, and nobody gets any of it. */
async function isSilent(hostile, others, source) {
  for (const other of others) {
    const before = (await other.from(hostile, source))?.packetsReceived;
    const sent = (await hostile.page.evaluate(() => window.page.sent()))[source];
    const goesOn = async () => (await hostile.page.evaluate(() => window.page.sent()))[source] > sent + 20;
    await until(goesOn, `packets of ${hostile.name}`);
    assert.equal((await other.from(hostile, source))?.packetsReceived, before, `${source} of ${hostile.name} at ${other.name}`);
  }
}

test("whom a host mutes is heard by nobody, though he goes on sending", async () => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const ada = await participant(cloud, roomId, "ada");
  const bo = await participant(cloud, roomId, "bo");
  const cy = await participant(cloud, roomId, "cy", { audio: false, video: false });
  await Promise.all([ada.receives(bo, "microphone"), cy.receives(bo, "microphone"), cy.receives(ada, "microphone")]);

  await ada.ask("toggle-remote-audio", { targetUserId: bo.userId, force: "mute" });
  await until(async () => (await bo.heard("force-mute")).length > 0, "force-mute at bo");
  await isSilent(bo, [ada, cy], "microphone");
  await cy.receives(ada, "microphone");
  await ada.receives(bo, "camera");

  // He may not publish it anew either.
  const refused = await bo.page.evaluate(() => window.page.meeting.publish("microphone").then(() => "published", String));
  assert.match(refused, /Audio is locked by host/);
  await until(async () => (await bo.heard("audio-locked")).length > 0, "audio-locked at bo");
  assert.equal((await bo.heard("audio-locked")).length, 1);

  // Restoring the right switches nothing on; he does, when he wants to.
  await ada.ask("toggle-remote-audio", { targetUserId: bo.userId, force: "unmute" });
  await until(async () => (await bo.heard("allow-unmute")).length > 0, "allow-unmute at bo");
  await isSilent(bo, [cy], "microphone");
  await bo.page.evaluate(() => window.page.meeting.publish("microphone"));
  await cy.receives(bo, "microphone");
});

test("whom a host removes is gone for everybody, though he goes on sending", async () => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const ada = await participant(cloud, roomId, "ada");
  const bo = await participant(cloud, roomId, "bo");
  await ada.receives(bo, "camera");
  await ada.ask("remove-participant", { targetUserId: bo.userId });
  await ada.loses(bo, "camera");
  await ada.loses(bo, "microphone");
  await until(async () => (await bo.heard("kicked-from-room")).length > 0, "kicked-from-room at bo");
});
