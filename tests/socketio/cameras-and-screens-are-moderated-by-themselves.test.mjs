// Cameras and screen shares, of one and of all. Neither has anything to do with the other, or with microphones.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { ask, done, user } from "../support/people.mjs";
import { addTab, roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();

const SCREEN_EVENTS = ["screenshare-control", "screenshare-global-update"];
const CAMERA_EVENTS = ["force-video-pause", "allow-unpause"];
const AUDIO_EVENTS = ["force-mute", "allow-unmute"];

/** What is shown of somebody in the next list that says `key` of him. */
const listed = async (socket, person, key, value) => {
  const of = (list) => list.find(({ id }) => id === person.userId);
  return of(await next(socket, "participant-list-update", (list) => of(list)?.[key] === value));
};

test("disabling all cameras concerns participants, those who come later too, and no screen shares", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await done(bo.socket, "update-my-state", { roomId, isVideoPaused: false });
  await done(ada.socket, "disable-all-cameras", { roomId });
  assert.deepEqual(await next(bo.socket, "force-video-pause"), { video: true, by: "Ada" });
  const shown = await listed(ada.socket, bo, "videoLocked", true);
  assert.deepEqual([shown.isVideoPaused, shown.screenShareLocked, shown.audioLocked], [true, false, false]);
  const answer = await ask(bo.socket, "update-my-state", { roomId, isVideoPaused: false });
  assert.deepEqual(answer, { error: "Your camera has been disabled by the host", code: "video-locked" });

  const ed = { ...(await user(cloud, "ed")), tabs: [] };
  await addTab(room, ed);
  assert.deepEqual(await next(ed.socket, "force-video-pause"), { video: true, by: "Host" });

  await done(ada.socket, "enable-all-cameras", { roomId });
  for (const person of [bo, ed]) assert.deepEqual(await next(person.socket, "allow-unpause"), { by: "Ada" });
  assert.equal((await listed(ada.socket, bo, "videoLocked", false)).isVideoPaused, true, "nothing is switched on");
  for (const person of [bo, ed]) gotNone(person.socket, ...SCREEN_EVENTS, ...AUDIO_EVENTS);
  gotNone(ada.socket, ...CAMERA_EVENTS);
});

test("one camera is switched off and allowed again", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "toggle-remote-video", { roomId, targetUserId: bo.userId, force: "pause" });
  assert.deepEqual(await next(bo.socket, "force-video-pause"), { video: true, by: "Ada" });
  const told = (state) => state.videoLocked !== undefined;
  const paused = { userId: bo.userId, videoLocked: true, isVideoPaused: true };
  assert.deepEqual(await next(ada.socket, "participant-state-changed", told), paused);
  await done(ada.socket, "toggle-remote-video", { roomId, targetUserId: bo.userId, force: "unpause" });
  assert.deepEqual(await next(bo.socket, "allow-unpause"), { by: "Ada" });
  assert.deepEqual(await next(ada.socket, "participant-state-changed", told), { userId: bo.userId, videoLocked: false });
});

test("disabling all screen shares concerns participants, those who come later too, and no cameras", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "disable-all-screen-sharing", { roomId });
  assert.deepEqual(await next(bo.socket, "screenshare-global-update"), { enabled: false, by: "Ada" });
  const shown = await listed(ada.socket, bo, "screenShareLocked", true);
  assert.deepEqual([shown.videoLocked, shown.audioLocked], [false, false]);
  const ed = { ...(await user(cloud, "ed")), tabs: [] };
  await addTab(room, ed);
  assert.deepEqual(await next(ed.socket, "screenshare-global-update"), { enabled: false, by: "Host" });
  await done(ada.socket, "enable-all-screen-sharing", { roomId });
  for (const person of [bo, ed]) {
    for (const event of SCREEN_EVENTS) assert.deepEqual(await next(person.socket, event), { enabled: true, by: "Ada" });
  }
  await settle(room);
  gotNone(ada.socket, ...SCREEN_EVENTS);
  for (const person of [bo, ed]) gotNone(person.socket, ...CAMERA_EVENTS, ...AUDIO_EVENTS);
});

test("who joins where sharing is allowed hears nothing of it", async () => {
  const room = await roomOf(cloud, "ada");
  const bo = { ...(await user(cloud, "bo")), tabs: [] };
  await addTab(room, bo);
  await settle(room);
  gotNone(bo.socket, ...SCREEN_EVENTS, ...CAMERA_EVENTS, ...AUDIO_EVENTS);
});

test("one screen share is forbidden and allowed again", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "toggle-remote-screen-share", { roomId, targetUserId: bo.userId, force: "disable" });
  assert.deepEqual(await next(bo.socket, "screenshare-control"), { enabled: false, by: "Ada" });
  const locked = await next(ada.socket, "participant-state-changed");
  assert.deepEqual(locked, { userId: bo.userId, screenShareLocked: true });
  await done(ada.socket, "toggle-remote-screen-share", { roomId, targetUserId: bo.userId, force: "enable" });
  assert.deepEqual(await next(bo.socket, "screenshare-control"), { enabled: true, by: "Ada" });
});

test("the other names that front ends have for it are served", async () => {
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  await done(ada.socket, "host-disable-screenshare", { roomId });
  assert.deepEqual(await next(ada.socket, "success"), { message: "Screen sharing disabled" });
  await next(bo.socket, "screenshare-global-update", ({ enabled }) => !enabled);
  assert.deepEqual(await ask(ada.socket, "host-bulk-action", { type: "screenshare", grant: true }), {
    success: true,
    enabled: true,
  });
  await next(bo.socket, "screenshare-global-update", ({ enabled }) => enabled);
  await done(ada.socket, "host-control-participant", { userId: bo.userId, type: "audio", disable: true });
  await next(bo.socket, "force-mute");
});

test("a policy that is changed over REST is told as the switches are", async () => {
  const { as } = await import("../support/rest.mjs");
  const { roomId, ada, bo } = await roomOf(cloud, "ada", "bo");
  const { version } = (await as(ada).get(`/api/meetings/${roomId}`)).body;
  const { status } = await as(ada).patch(`/api/meetings/${roomId}`, { policy: { mayStartVideo: false }, version });
  assert.equal(status, 200);
  assert.deepEqual(await next(bo.socket, "force-video-pause"), { video: true, by: "Ada" });
  gotNone(bo.socket, ...SCREEN_EVENTS, ...AUDIO_EVENTS);
});
