// The node rereads its rooms so seldom here that it can know of a change only because it was told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { until } from "../../support/deadline.mjs";
import { allReceiveAll, participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { as, createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1", REREAD_MS: "3600000" } });
const participant = await participants();
await cloud.nodesReady(1);
const host = await user(cloud, "ada");

test("a meeting that a host ends over REST has no media any more", async () => {
  const roomId = await createMeeting(host);
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
  await allReceiveAll([ada, bo]);

  const { status } = await as(host).post(`/api/meetings/${roomId}/end`);
  assert.equal(status, 200);
  for (const one of [ada, bo]) {
    await until(async () => (await one.heard("meeting-ended")).length > 0, `meeting-ended at ${one.name}`);
    // They go on with what they have: it is the node that has closed their transports, one to send and one to receive each.
    const states = () => one.page.evaluate(() => [window.page.meeting.send.connectionState, window.page.meeting.recv.connectionState]);
    await until(async () => (await states()).every((state) => state !== "connected"), `end of the transports of ${one.name}`);
  }
});

test("a switch for all that a host sets over REST holds for what is sent already", async () => {
  const roomId = await createMeeting(host);
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
  await allReceiveAll([ada, bo]);

  const { status } = await as(host).patch(`/api/meetings/${roomId}`, { policy: { mayUnmute: false } });
  assert.equal(status, 200);
  await ada.loses(bo, "microphone");
  await until(async () => (await bo.heard("producer-closed")).length > 0, "producer-closed at bo");
  await until(async () => (await bo.heard("force-mute")).length > 0, "force-mute at bo");
  await ada.receives(bo, "camera");
  await bo.receives(ada, "microphone");
});

test("a host who loses his role over REST is no longer exempt from what holds for all", async () => {
  const roomId = await createMeeting(host);
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
  await ada.ask("make-host", { participantId: bo.userId });
  await ada.ask("mute-all-participants", {});
  await allReceiveAll([ada, bo]);

  assert.equal((await as(host).delete(`/api/meetings/${roomId}/hosts/${bo.userId}`)).status, 200);
  await ada.loses(bo, "microphone");
  await ada.receives(bo, "camera");
});

test("a meeting that gets another title goes on", async () => {
  const roomId = await createMeeting(host);
  const [ada, bo] = [await participant(cloud, roomId, "ada"), await participant(cloud, roomId, "bo")];
  await allReceiveAll([ada, bo]);
  await as(host).patch(`/api/meetings/${roomId}`, { description: "Retro", policy: { locked: true } });
  await until(async () => (await bo.heard("meeting-updated")).length > 0, "meeting-updated at bo");
  await allReceiveAll([ada, bo]);
});
