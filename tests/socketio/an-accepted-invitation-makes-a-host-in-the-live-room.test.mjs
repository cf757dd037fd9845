import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { until } from "../support/deadline.mjs";
import { next } from "../support/mailbox.mjs";
import { connect, join, user } from "../support/people.mjs";
import { as, createMeeting } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo", { email: "bo@example.com" });

/** The token in the newest mail to an address that is not `not`. */
async function tokenTo(address, not) {
  let token;
  await until(async () => {
    const { messages } = await cloud.tool("/_local/outbox.json");
    const tokens = messages.filter(({ to }) => to.includes(address)).map(({ text }) => /accept-host\?token=([\w-]+)/.exec(text)?.[1]);
    token = tokens.find((one) => one && one !== not);
    return token !== undefined;
  }, `a mail to ${address}`);
  return token;
}

test("from the host's click to a host in the room", async () => {
  const roomId = await createMeeting(ada);
  const socket = await connect(ada);
  await join(socket, roomId);
  const path = `/api/meetings/${roomId}/host-invitations`;
  const invited = await as(ada).post(`${path}/email`, { emails: ["Bo@Example.com", "no address"] });
  assert.equal(invited.status, 200, JSON.stringify(invited.body));
  assert.deepEqual(invited.body.results.map(({ status }) => status), ["sent", "invalid"]);
  const first = await tokenTo("bo@example.com");

  const resent = await as(ada).post(`${path}/${invited.body.results[0].invitationId}/resend`);
  assert.equal(resent.status, 200, JSON.stringify(resent.body));
  const second = await tokenTo("bo@example.com", first);
  const dead = await as(bo).post("/api/host-invitations/accept", { token: first });
  assert.deepEqual([dead.status, dead.body.code], [410, "invitation-replaced"]);

  const preview = await as(bo).post("/api/host-invitations/preview", { token: second });
  assert.equal(preview.status, 200, JSON.stringify(preview.body));
  const accepted = await as(bo).post("/api/host-invitations/accept", { token: second });
  assert.equal(accepted.status, 200, JSON.stringify(accepted.body));
  const { participantId, updates } = await next(socket, "participant-updated", ({ participantId }) => participantId === bo.userId);
  assert.deepEqual([participantId, updates], [bo.userId, { isHost: true }]);
  const list = await as(ada).get(path);
  assert.deepEqual(list.body.invitations.map(({ state }) => state), ["accepted"]);
});

test("a revoked invitation is dead at once", async () => {
  const roomId = await createMeeting(ada);
  const path = `/api/meetings/${roomId}/host-invitations`;
  const { body } = await as(ada).post(`${path}/email`, { emails: ["cy@example.com"] });
  const token = await tokenTo("cy@example.com");
  const revoked = await as(ada).delete(`${path}/${body.results[0].invitationId}`);
  assert.equal(revoked.body.invitation?.state, "revoked", JSON.stringify(revoked.body));
  const cy = await user(cloud, "cy", { email: "cy@example.com" });
  const dead = await as(cy).post("/api/host-invitations/accept", { token });
  assert.deepEqual([dead.status, dead.body.code], [410, "invitation-revoked"]);
});

test("people whom one has not met are not invited by id", async () => {
  const roomId = await createMeeting(ada);
  const { status, body } = await as(ada).post(`/api/meetings/${roomId}/host-invitations/network`, { inviteeIds: ["user_nobody"] });
  assert.deepEqual([status, body.results?.[0]?.status], [200, "not-registered"]);
});
