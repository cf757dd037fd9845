import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { until } from "../support/deadline.mjs";
import { connect, join, user } from "../support/people.mjs";
import { as, assertError, createMeeting, readMeeting, request } from "../support/rest.mjs";

// As during a rotation: the secret of before, with which this file signs, and a new one.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDAAAA";
const cloud = await localCloud({ args: ["--parameter", `WebhookSecrets=${SECRET},${NEW_SECRET}`] });

let messages = 0;

/** Posts an event as Svix does. */
async function send(event, { id = `msg_${++messages}`, secret = SECRET, signedAgo = 0, change = (body) => body } = {}) {
  const { nowMs } = await cloud.tool("/_local/clock");
  const timestamp = String(Math.floor(nowMs / 1000) - signedAgo);
  const body = JSON.stringify(event);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  const headers = { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature };
  return request(cloud, "POST", "/api/webhooks/users", { raw: change(body), headers });
}

const is = (type, person, updatedAt, more = {}) => ({
  type,
  object: "event",
  timestamp: updatedAt,
  data: {
    id: person.userId,
    first_name: person.name,
    image_url: `https://img.example.com/${updatedAt}.png`,
    email_addresses: [{ email_address: `${person.user}@example.org`, verification: { status: "verified" } }],
    created_at: 1,
    updated_at: updatedAt,
    ...more,
  },
});
const gone = (person, at) => ({ type: "user.deleted", object: "event", timestamp: at, data: { id: person.userId, deleted: true } });

async function taken(event, options) {
  const answer = await send(event, options);
  assert.deepEqual([answer.status, answer.body], [200, { success: true }]);
}

/** What somebody who met `person` is shown of him: his picture comes from the directory. */
async function shown(witness, person) {
  const { body } = await as(witness).get("/api/network");
  return body.people.find(({ userId }) => userId === person.userId);
}

/** Two people who have met. */
async function acquainted(one, other) {
  const people = [await user(cloud, one), await user(cloud, other)];
  const id = await createMeeting(people[0]);
  for (const person of people) await join(await connect(person), id);
  await until(async () => shown(people[1], people[0]), "their acquaintance");
  return [...people, id];
}

test("the latest news counts, in whatever order and however often it comes", async () => {
  const [ada, bo] = await acquainted("ada", "bo");
  const picture = async () => (await shown(bo, ada)).imageUrl;
  await taken(is("user.updated", ada, 5_000), { id: "msg_five" });
  assert.equal(await picture(), "https://img.example.com/5000.png");
  await taken(is("user.created", ada, 1_000));
  assert.equal(await picture(), "https://img.example.com/5000.png", "older");
  await taken(is("user.updated", ada, 6_000));
  assert.equal(await picture(), "https://img.example.com/6000.png");
  await taken(is("user.updated", ada, 5_000), { id: "msg_five" });
  assert.equal(await picture(), "https://img.example.com/6000.png", "repeated");
});

test("both secrets of a rotation are good, and no other", async () => {
  const cy = await user(cloud, "cy");
  await taken(is("user.created", cy, 1_000), { secret: SECRET });
  await taken(is("user.updated", cy, 2_000), { secret: NEW_SECRET });
  const other = `whsec_${Buffer.alloc(24).toString("base64")}`;
  assert.equal(assertError(await send(is("user.updated", cy, 3_000), { secret: other }), 401).code, "webhook-wrong-signature");
});

test("what was changed on the way, or signed too long ago, is refused", async () => {
  const di = await user(cloud, "di");
  const event = is("user.created", di, 1_000);
  const changed = await send(event, { change: (body) => body.replace("di@", "eve@") });
  assert.equal(assertError(changed, 401).code, "webhook-wrong-signature");
  for (const signedAgo of [310, -310]) {
    assert.equal(assertError(await send(event, { signedAgo }), 401).code, "webhook-out-of-time");
  }
  await taken(event, { signedAgo: 280 });
  assert.equal(assertError(await request(cloud, "POST", "/api/webhooks/users", { body: event }), 401).code, "webhook-unsigned");
  const large = await request(cloud, "POST", "/api/webhooks/users", { body: { x: "x".repeat(70_000) } });
  assertError(large, 413, "Body too large");
});

test("somebody deleted is host no more, and nobody meets him; a late update does not bring him back", async () => {
  const [ed, flo, roomId] = await acquainted("ed", "flo");
  const socket = await connect(ed);
  await join(socket, roomId);
  socket.emit("make-host", { roomId, participantId: flo.userId });
  await until(async () => (await readMeeting(flo, roomId)).hosts.length === 2, "two hosts");
  await taken(gone(ed, 9_000));
  assert.deepEqual((await readMeeting(flo, roomId)).hosts.map(({ userId }) => userId), [flo.userId]);
  assert.equal(await shown(flo, ed), undefined);
  await taken(is("user.updated", ed, 8_000));
  const log = (await as(flo).get(`/api/meetings/${roomId}/log`)).body.entries;
  assert.ok(!JSON.stringify(log).includes('"Ed"'), "his name is gone from the log");
});

test("the last host keeps his role without his name", async () => {
  const [gil, hal, roomId] = await acquainted("gil", "hal");
  await taken(gone(gil, 9_000));
  const { hosts, hostedBy } = await readMeeting(hal, roomId);
  assert.deepEqual(hosts.map(({ userId, name }) => [userId, name]), [[gil.userId, null]]);
  assert.equal(hostedBy, null);
});

test("the local identity provider tells of its users by itself", async () => {
  // Of a cloud of its own: the secrets are those that the provider and the function share.
  const own = await localCloud();
  const ida = await user(own, "ida");
  await own.logged("User announced", { userId: ida.userId });
  await own.tool("/_local/users", { user: "ida", deleted: true });
  await own.logged("User forgotten", { userId: ida.userId });
});
