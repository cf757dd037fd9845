// Two browsers with stock mediasoup-client and socket.io-client: sound and pictures both ways, screens, late comers, leavers.

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
const meeting = async () => createMeeting(await user(cloud, "ada"));

test("two participants see and hear each other, share a screen, reload and leave", async () => {
  const roomId = await meeting();
  const ada = await participant(cloud, roomId, "ada");
  assert.deepEqual([ada.joined.isHost, ada.joined.existingProducers], [true, []]);
  const bo = await participant(cloud, roomId, "bo");
  assert.equal(bo.joined.isHost, false);
  assert.deepEqual(
    bo.joined.existingProducers.map(({ userId, kind, isScreenShare }) => [userId, kind, isScreenShare]).sort(),
    [[ada.userId, "audio", false], [ada.userId, "video", false]],
  );
  for (const [one, other] of [[ada, bo], [bo, ada]]) {
    await one.receives(other, "camera");
    await one.receives(other, "microphone");
  }
  assert.deepEqual(await ada.tiles(), [`${bo.userId} audio`, `${bo.userId} video`]);

  // A screen beside the camera.
  await bo.page.evaluate(() => window.page.share());
  await ada.receives(bo, "screen");
  await ada.receives(bo, "camera");
  await bo.page.evaluate(() => window.page.meeting.unpublish("screen"));
  await ada.loses(bo, "screen");
  const closed = (await ada.heard("producer-closed")).at(-1);
  assert.deepEqual([closed.userId, closed.isScreenShare, closed.peerId], [bo.userId, true, bo.socketId]);

  // A late comer gets what there is, also what began before.
  await bo.page.evaluate(() => window.page.share());
  const cy = await participant(cloud, roomId, "cy");
  assert.equal(cy.joined.existingProducers.length, 5);
  await cy.receives(ada, "camera");
  await cy.receives(bo, "screen");
  await ada.receives(cy, "camera");

  // A reload is a new participant for the node: what the old page had goes, and what the new one has comes.
  const before = await ada.from(bo, "camera");
  await bo.open();
  await until(async () => (await ada.from(bo, "camera"))?.producerId !== before.producerId, "the reloaded camera at ada");
  await ada.loses(bo, "screen");
  await ada.receives(bo, "camera");
  await bo.receives(ada, "camera");

  // Who leaves takes his tiles with him.
  await bo.page.evaluate(() => window.page.meeting.stop());
  await ada.loses(bo, "camera");
  await ada.loses(bo, "microphone");
  assert.deepEqual(await ada.tiles(), [`${cy.userId} audio`, `${cy.userId} video`]);
  for (const someone of [ada, bo, cy]) someone.unharmed();
});

test("asking twice for the same producer gives the same consumer", async () => {
  const roomId = await meeting();
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo", { audio: false, video: false })];
  await bo.receives(ada, "camera");
  const { consumerId, producerId } = await bo.from(ada, "camera");
  const again = await bo.page.evaluate(async (producerId) => {
    const { meeting } = window.page;
    return meeting.ask("consume", { producerId, rtpCapabilities: meeting.device.rtpCapabilities });
  }, producerId);
  assert.equal(again.id, consumerId);
  await bo.receives(ada, "camera");
});

test("a producer that has gone is refused, and the client goes on", async () => {
  const roomId = await meeting();
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo", { audio: false, video: false })];
  const { producerId } = await bo.receives(ada, "microphone");
  await ada.page.evaluate(() => window.page.meeting.unpublish("microphone"));
  await bo.loses(ada, "microphone");
  const error = await bo.page.evaluate(async (producerId) => {
    const { meeting } = window.page;
    const { rtpCapabilities } = meeting.device;
    return meeting.socket.emitWithAck("consume", { roomId: meeting.roomId, producerId, rtpCapabilities });
  }, producerId);
  assert.deepEqual(error, { error: "Producer not found", code: "producer-not-found" });
  await bo.receives(ada, "camera");
});
