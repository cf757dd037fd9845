// Every moderation event, by those who may not and against those whom it may not concern: refused, visibly, and without effect.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

const ROOM_WIDE = [
  "mute-all-participants",
  "unmute-all-participants",
  "disable-all-cameras",
  "enable-all-cameras",
  "disable-all-screen-sharing",
  "enable-all-screen-sharing",
  "host-disable-screenshare",
  "host-enable-screenshare",
];
const OF_ONE = [
  ["toggle-remote-audio", { force: "mute" }],
  ["toggle-remote-audio", { force: "unmute" }],
  ["toggle-remote-video", { force: "pause" }],
  ["toggle-remote-video", { force: "unpause" }],
  ["toggle-remote-screen-share", { force: "disable" }],
  ["toggle-remote-screen-share", { force: "enable" }],
  ["remove-participant", {}],
];
const HEARD = [
  "force-mute",
  "allow-unmute",
  "force-video-pause",
  "allow-unpause",
  "screenshare-control",
  "screenshare-global-update",
  "kicked-from-room",
  "success",
];

async function isRefused(socket, event, payload, expected) {
  assert.deepEqual(await ask(socket, event, payload), expected, `${event} ${JSON.stringify(payload)}`);
  const told = { message: expected.error, code: expected.code, event };
  assert.deepEqual(await next(socket, "error", (error) => error.event === event), told);
}

test("a participant moderates nobody", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  const refusal = { error: "Only hosts and co-hosts can do this", code: "only-hosts" };
  // As if a host had sent it: the payload is not believed.
  for (const event of ROOM_WIDE) await isRefused(bo.socket, event, { roomId, userId: ada.userId }, refusal);
  for (const [event, more] of OF_ONE) {
    for (const target of [ada, cy]) {
      const payload = { roomId, userId: ada.userId, targetUserId: target.userId, ...more };
      await isRefused(bo.socket, event, payload, refusal);
    }
  }
  await isRefused(bo.socket, "readmit-participant", { roomId, targetUserId: cy.userId }, refusal);
  await isRefused(bo.socket, "host-bulk-action", { type: "audio", grant: false }, refusal);
  const { version, policy } = (await as(ada).get(`/api/meetings/${roomId}`)).body;
  assert.deepEqual([version, policy.mayUnmute], [1, true], "nothing has changed");
  await settle(room);
  for (const socket of sockets(room)) gotNone(socket, ...HEARD);
});

test("a co-host moderates no host", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  const sentences = { "toggle-remote-audio": "mute", "remove-participant": "remove" };
  for (const [event, more] of OF_ONE) {
    const error = `Co-hosts cannot ${sentences[event] ?? "control"} hosts`;
    const payload = { roomId, targetUserId: ada.userId, ...more };
    await isRefused(bo.socket, event, payload, { error, code: "not-over-hosts" });
  }
  gotNone(ada.socket, ...HEARD.slice(0, -1));
});

test("nobody moderates himself or somebody who is not there", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada", "bo");
  for (const [event, more] of OF_ONE) {
    const self = { error: "You cannot do this to yourself", code: "cannot-target-self" };
    await isRefused(ada.socket, event, { roomId, targetUserId: ada.userId, ...more }, self);
    const absent = { error: "Participant not found", code: "participant-not-found" };
    await isRefused(ada.socket, event, { roomId, targetUserId: "user_nobody", ...more }, absent);
  }
});

test("what cannot be read is refused with the field that is wrong", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const targetUserId = bo.userId;
  for (const [event, payload, error] of [
    ["mute-all-participants", {}, "roomId is required"],
    ["toggle-remote-audio", { roomId, force: "mute" }, "targetUserId is required"],
    ["toggle-remote-audio", { roomId, targetUserId }, "force is required"],
    ["toggle-remote-audio", { roomId, targetUserId, force: "shout" }, "force must be one of mute, unmute"],
    ["toggle-remote-video", { roomId, targetUserId, force: 7 }, "force must be a string"],
    ["remove-participant", { roomId }, "targetUserId is required"],
    ["host-bulk-action", { type: "smell", grant: true }, "type must be one of audio, video, screenshare"],
    ["host-control-participant", { userId: bo.userId, type: "audio" }, "disable is required"],
  ]) {
    await isRefused(ada.socket, event, payload, { error, code: "invalid-payload" });
  }
});

test("whoever is in no room moderates none", async () => {
  const { roomId, bo } = await roomOf(cloud, "ada", "bo");
  await done(bo.socket, "leave-room", { roomId });
  const refusal = { error: "Room not found", code: "room-not-found" };
  await isRefused(bo.socket, "mute-all-participants", { roomId }, refusal);
  await isRefused(bo.socket, "host-bulk-action", { type: "audio", grant: false }, refusal);
});
