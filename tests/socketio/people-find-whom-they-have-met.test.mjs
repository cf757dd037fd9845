import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { until } from "../support/deadline.mjs";
import { connect, done, join, user } from "../support/people.mjs";
import { as, assertError, createMeeting, request } from "../support/rest.mjs";

const cloud = await localCloud();
const [ada, bo, cy, di] = await Promise.all(["ada", "bo", "cy", "di"].map((name) => user(cloud, name)));

const network = async (by, query = "") => {
  const { status, body } = await as(by).get(`/api/network${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const ids = ({ people }) => people.map(({ userId }) => userId);

// Ada and Bo were in the first meeting. Cy was in the second with Bo, who hosts it; Ada is its co-host and has left.
const first = await createMeeting(ada, { description: "Weekly stand-up" });
const second = await createMeeting(bo, { description: "Planning the FÊTE" });
const sockets = { ada: await connect(ada), bo: await connect(bo), cy: await connect(cy) };
await join(sockets.ada, first);
await join(sockets.bo, first);
await join(sockets.bo, second);
await join(sockets.ada, second);
await done(sockets.bo, "make-cohost", { roomId: second, participantId: ada.userId });
await join(sockets.cy, second);
await until(async () => ids(await network(cy)).length === 2, "what is written after the answers");

test("people are found by their names and by the titles of meetings, in any case", async () => {
  assert.deepEqual(ids(await network(cy)).sort(), [ada.userId, bo.userId].sort());
  assert.deepEqual(ids(await network(cy, "?q=ADA")), [ada.userId]);
  assert.deepEqual(ids(await network(cy, "?q=f%C3%AAte")).length, 2);
  assert.deepEqual(ids(await network(cy, "?q=stand")), []);
  assert.deepEqual(ids(await network(ada, "?q=stand")), [bo.userId]);
});

test("each comes once, with the meetings that were shared", async () => {
  const { people } = await network(ada);
  const met = people.find(({ userId }) => userId === bo.userId);
  assert.deepEqual([met.name, met.meetingCount], ["Bo", 2]);
  assert.deepEqual(met.meetings.map(({ title }) => title).sort(), ["Planning the FÊTE", "Weekly stand-up"]);
});

test("a network comes in pages", async () => {
  const one = await network(bo, "?limit=1");
  const two = await network(bo, `?limit=1&cursor=${one.nextCursor}`);
  assert.deepEqual([...ids(one), ...ids(two)].sort(), [ada.userId, cy.userId].sort());
  assert.equal(two.nextCursor, null);
});

test("nobody reads the network of somebody else", async () => {
  assert.deepEqual(ids(await network(di)), []);
  assertError(await as(di).get(`/api/network?userId=${ada.userId}`), 403, "You can only act for yourself");
  assertError(await as(di).get(`/api/network?of=${ada.userId}`), 400);
  assertError(await request(cloud, "GET", "/api/network"), 401);
});
