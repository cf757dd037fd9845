import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { acceptLink, mailTo } from "../support/outbox.mjs";
import { user } from "../support/people.mjs";
import { as, createMeeting, request } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada", { email: "ada@example.com" });

const invitations = (roomId) => `/api/meetings/${roomId}/host-invitations`;
const token = (mail) => new URL(acceptLink(mail)).searchParams.get("token");

/** Invites an address. Gives its status. */
async function invite(host, roomId, email) {
  const { status, body } = await as(host).post(`${invitations(roomId)}/email`, { emails: [email] });
  assert.equal(status, 200, JSON.stringify(body));
  return body.results[0].status;
}

/** The provider deletes somebody; returns when all of it is done. */
async function deleted(person) {
  await cloud.logged("User announced", { userId: person.userId });
  await cloud.tool("/_local/users", { user: person.user, deleted: true });
  await cloud.logged("User forgotten", { userId: person.userId });
}

/** Everything in a partition of the table, by the door and the role of the directory. */
async function stored(pk) {
  const { status, body } = await request(cloud, "POST", "/_aws/dynamodb/DirectoryFunction", {
    raw: JSON.stringify({
      TableName: "Table",
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pk } },
    }),
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.Query" },
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body.Items;
}

test("who was invited is in no list and no item, his link is dead, and he can be invited anew", async () => {
  const roomId = await createMeeting(ada);
  assert.equal(await invite(ada, roomId, "bo@example.com"), "sent");
  const mail = await mailTo(cloud, "bo@example.com");
  assert.ok(JSON.stringify(await stored(`M#${roomId}`)).includes("bo@example.com"));
  const bo = await user(cloud, "bo", { email: "bo@example.com" });
  await deleted(bo);

  assert.deepEqual((await as(ada).get(invitations(roomId))).body.invitations, []);
  assert.ok(!JSON.stringify(await stored(`M#${roomId}`)).includes("bo@example.com"));
  const [tombstone, ...others] = await stored(`U#${bo.userId}`);
  assert.deepEqual([tombstone.forgotten, tombstone.past_addresses, others], [{ BOOL: true }, undefined, []]);

  const next = await user(cloud, "newbo", { email: "bo@example.com" });
  const dead = await as(next).post("/api/host-invitations/accept", { token: token(mail) });
  assert.deepEqual([dead.status, dead.body.code], [404, "invitation-not-found"]);

  assert.equal(await invite(ada, roomId, "bo@example.com"), "sent");
  const again = await mailTo(cloud, "bo@example.com", { seen: [acceptLink(mail)] });
  const accepted = await as(next).post("/api/host-invitations/accept", { token: token(again) });
  assert.equal(accepted.status, 200, JSON.stringify(accepted.body));
});

test("a mail that waits is never sent to somebody who is gone", async () => {
  const roomId = await createMeeting(ada);
  const cy = await user(cloud, "cy", { email: "cy@example.com" });
  await cloud.logged("User announced", { userId: cy.userId });
  await cloud.tool("/_local/mail", { next: "throttle" });
  assert.equal(await invite(ada, roomId, "cy@example.com"), "sent");
  await cloud.logged("a mail is tried again later");
  await deleted(cy);
  await cloud.tool("/_local/clock", { advance: "2h" });
  await invite(ada, roomId, "after@example.com");
  await mailTo(cloud, "after@example.com");
  const { messages } = await cloud.tool("/_local/outbox.json");
  assert.deepEqual(messages.filter(({ to }) => to.includes("cy@example.com")), []);
});

test("who invited is not named any more, and gives no role", async () => {
  const di = await user(cloud, "di", { email: "di@example.com" });
  const roomId = await createMeeting(di);
  assert.equal(await invite(di, roomId, "ed@example.com"), "sent");
  const mail = await mailTo(cloud, "ed@example.com");
  await deleted(di);
  const held = JSON.stringify(await stored(`M#${roomId}`));
  assert.ok(held.includes("ed@example.com") && !held.includes("di@example.com") && !held.includes('"Di"'), held);
  const ed = await user(cloud, "ed", { email: "ed@example.com" });
  const dead = await as(ed).post("/api/host-invitations/accept", { token: token(mail) });
  assert.deepEqual([dead.status, dead.body.code], [410, "invitation-revoked"]);
});
