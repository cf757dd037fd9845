// Muting all and muting one: the client is told, everybody sees it, and nobody unmutes himself or is unmuted by a switch.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { forget, gotNone, next, unread } from "../support/mailbox.mjs";
import { ask, connect, done, user } from "../support/people.mjs";
import { addTab, roomOf, settle, sockets } from "../support/room.mjs";

const cloud = await localCloud();

/** The next list in which somebody is as `wanted` says. */
async function listed(socket, person, wanted) {
  const is = (list) => {
    const entry = list.find(({ id }) => id === person.userId);
    return entry && Object.entries(wanted).every(([key, value]) => entry[key] === value);
  };
  return (await next(socket, "participant-list-update", is)).find(({ id }) => id === person.userId);
}

async function speaking(room, person) {
  await done(person.socket, "update-my-state", { roomId: room.roomId, isAudioMuted: false });
  for (const socket of sockets(room, { but: person })) {
    await next(socket, "participant-state-changed", (state) => state.userId === person.userId && !state.isAudioMuted);
  }
}

test("muting all mutes every tab of participants, and no host or co-host", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy", "cy", "di");
  const { roomId, ada, bo, cy, di } = room;
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  for (const person of [ada, cy]) await speaking(room, person);
  // The acting user in the payload is not believed.
  const answer = await ask(bo.socket, "mute-all-participants", { roomId, userId: ada.userId });
  assert.deepEqual(answer, { success: true, enabled: false });
  for (const socket of [...cy.tabs, di.socket]) {
    assert.deepEqual(await next(socket, "force-mute"), { audio: true, by: "Bo", locked: true });
  }
  for (const person of [cy, di]) {
    // Both are in the same list.
    const socket = person === cy ? ada.socket : bo.socket;
    await listed(socket, person, { isAudioMuted: true, audioLocked: true });
  }
  await listed(di.socket, ada, { isAudioMuted: false, audioLocked: false });
  assert.deepEqual(await next(bo.socket, "success", ({ message }) => message.startsWith("All")), {
    message: "All participants muted",
  });
  await settle(room);
  for (const person of [ada, bo]) gotNone(person.socket, "force-mute");
});

test("whoever comes later is muted too", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  await done(room.ada.socket, "mute-all-participants", { roomId: room.roomId });
  await next(room.bo.socket, "force-mute");
  const ed = { ...(await user(cloud, "ed")), tabs: [] };
  await addTab(room, ed);
  assert.deepEqual(await next(ed.socket, "force-mute"), { audio: true, by: "Host", locked: true });
  const list = await next(ed.socket, "existing-participants");
  assert.equal(list.find(({ id }) => id === ed.userId).audioLocked, true);
  gotNone(ed.socket, "screenshare-global-update", "screenshare-control", "force-video-pause");
});

test("nobody unmutes himself while he is muted, and the others do not hear of it", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await done(ada.socket, "mute-all-participants", { roomId });
  await next(bo.socket, "force-mute");
  const sentence = "You have been muted by the host and cannot unmute yourself";
  const answer = await ask(bo.socket, "update-my-state", { roomId, isAudioMuted: false });
  assert.deepEqual(answer, { error: sentence, code: "audio-locked" });
  assert.deepEqual(await next(bo.socket, "error"), { message: sentence, code: "audio-locked", event: "update-my-state" });
  const own = await next(bo.socket, "participant-state-changed", ({ userId }) => userId === bo.userId);
  assert.deepEqual([own.isAudioMuted, own.audioLocked], [true, true], "his button is put right");
  await settle(room);
  const lies = unread(cy.socket, "participant-state-changed").filter((state) => state.isAudioMuted === false);
  assert.deepEqual(lies, []);
  await done(bo.socket, "update-my-state", { roomId, isVideoPaused: false });
  await next(cy.socket, "participant-state-changed", ({ userId, isVideoPaused }) => userId === bo.userId && !isVideoPaused);
});

test("unmuting all gives the right back and switches nothing on", async () => {
  const room = await roomOf(cloud, "ada", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await speaking(room, bo);
  await done(ada.socket, "mute-all-participants", { roomId });
  for (const person of [bo, cy]) await next(person.socket, "force-mute");
  await cloud.quiet();
  await done(ada.socket, "unmute-all-participants", { roomId });
  for (const person of [bo, cy]) {
    assert.deepEqual(await next(person.socket, "allow-unmute"), { by: "Ada", locked: false });
    const shown = await listed(person.socket, person, { audioLocked: false });
    assert.equal(shown.isAudioMuted, true, "he is silent until he switches his microphone on");
  }
  forget(cy.socket);
  await speaking(room, bo);
});

test("one is muted and may speak again", async () => {
  const room = await roomOf(cloud, "ada", "bo", "bo", "cy");
  const { roomId, ada, bo, cy } = room;
  await speaking(room, bo);
  await done(ada.socket, "toggle-remote-audio", { roomId, targetUserId: bo.userId, force: "mute" });
  for (const socket of bo.tabs) {
    assert.deepEqual(await next(socket, "force-mute"), { audio: true, by: "Ada", locked: true });
  }
  const muted = await next(cy.socket, "participant-state-changed", ({ audioLocked }) => audioLocked !== undefined);
  assert.deepEqual(muted, { userId: bo.userId, audioLocked: true, isAudioMuted: true });
  gotNone(cy.socket, "force-mute");
  await done(ada.socket, "toggle-remote-audio", { roomId, targetUserId: bo.userId, force: "unmute" });
  for (const socket of bo.tabs) assert.deepEqual(await next(socket, "allow-unmute"), { by: "Ada", locked: false });
  const free = await next(cy.socket, "participant-state-changed", ({ audioLocked }) => audioLocked === false);
  assert.deepEqual(free, { userId: bo.userId, audioLocked: false });
  await speaking(room, bo);
});

test("a second tab of one who is muted does not speak for him", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  await done(ada.socket, "toggle-remote-audio", { roomId, targetUserId: bo.userId, force: "mute" });
  const tab = await connect(bo);
  await done(tab, "join-room", { roomId });
  assert.deepEqual(await next(tab, "force-mute"), { audio: true, by: "Host", locked: true });
  const answer = await ask(tab, "update-my-state", { roomId, isAudioMuted: false });
  assert.equal(answer.code, "audio-locked");
});

test("a role exempts from what holds for participants, and its loss does not", async () => {
  const { roomId, ada, bo, cy } = await roomOf(cloud, "ada", "bo", "cy");
  await done(ada.socket, "mute-all-participants", { roomId });
  await next(bo.socket, "force-mute");
  await done(ada.socket, "make-cohost", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(bo.socket, "allow-unmute"), { by: "Ada", locked: false });
  await next(cy.socket, "participant-state-changed", ({ userId, audioLocked }) => userId === bo.userId && !audioLocked);
  await cloud.quiet();
  await done(ada.socket, "remove-cohost", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(bo.socket, "force-mute"), { audio: true, by: "Ada", locked: true });
  await next(cy.socket, "participant-state-changed", ({ userId, audioLocked }) => userId === bo.userId && audioLocked);
});
