import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { next } from "../support/mailbox.mjs";
import { connect, join, user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo");

test("the creator joins as host", async () => {
  const roomId = await createMeeting(ada);
  const answer = await join(await connect(ada), roomId);
  assert.deepEqual(answer, { success: true, isHost: true, isCoHost: false });
});

test("the creator receives isHost true in existing-participants", async () => {
  const roomId = await createMeeting(ada);
  const socket = await connect(ada);
  await join(socket, roomId);
  const [me, ...others] = await next(socket, "existing-participants");
  assert.deepEqual(others, []);
  assert.deepEqual(me, {
    id: ada.userId,
    name: "Ada",
    imageUrl: null,
    isHost: true,
    isCoHost: false,
    isAudioMuted: true,
    isVideoPaused: true,
    audioLocked: false,
    videoLocked: false,
    screenShareLocked: false,
  });
});

test("other participants are not hosts", async () => {
  const roomId = await createMeeting(ada);
  const creator = await connect(ada);
  await join(creator, roomId);
  const other = await connect(bo);
  assert.deepEqual(await join(other, roomId), { success: true, isHost: false, isCoHost: false });
  const roles = Object.fromEntries((await next(other, "existing-participants")).map((one) => [one.id, one.isHost]));
  assert.deepEqual(roles, { [ada.userId]: true, [bo.userId]: false });
  assert.equal((await next(creator, "participant-joined")).isHost, false);
});

test("who comes first is not host unless he is the creator", async () => {
  const roomId = await createMeeting(ada);
  const other = await connect(bo);
  assert.deepEqual(await join(other, roomId), { success: true, isHost: false, isCoHost: false });
  assert.deepEqual(await join(await connect(ada), roomId), { success: true, isHost: true, isCoHost: false });
  assert.equal((await next(other, "participant-joined")).isHost, true);
});

test("the log shows the host check with isHost true for the creator", async () => {
  const roomId = await createMeeting(ada);
  await join(await connect(ada), roomId);
  await join(await connect(bo), roomId);
  await cloud.logged("🔍 Host check", { userId: ada.userId, createdBy: ada.userId, isHost: true });
  await cloud.logged("🔍 Host check", { userId: bo.userId, createdBy: ada.userId, isHost: false });
  await cloud.logged("👤 User joining", { userName: "Ada", userId: ada.userId });
  await cloud.logged("✅ Join complete", { userName: "Ada", isHost: true });
  await cloud.logged("✅ Join complete", { userName: "Bo", isHost: false });
});
