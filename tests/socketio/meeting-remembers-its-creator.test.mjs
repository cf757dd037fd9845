import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { user } from "../support/people.mjs";
import { as, createMeeting, readMeeting } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const bo = await user(cloud, "bo");

test("create meeting stores createdBy with the user id of the identity provider", async () => {
  const { status, body } = await as(ada).post("/api/meetings", { roomId: "creator-1", userId: ada.userId });
  assert.equal(status, 201);
  assert.match(ada.userId, /^user_\w+$/);
  assert.equal(body.createdBy, ada.userId);
  assert.equal(body.meeting.creatorId, ada.userId);
  assert.equal((await readMeeting(ada, "creator-1")).createdBy, ada.userId, "it was stored, not only echoed");
});

test("GET /api/meetings/:id returns createdBy, to others too", async () => {
  const id = await createMeeting(ada);
  assert.equal((await readMeeting(ada, id)).createdBy, ada.userId);
  assert.equal((await readMeeting(bo, id)).createdBy, ada.userId);
});

test("multiple users can create different meetings", async () => {
  const people = [ada, bo, await user(cloud, "cy"), await user(cloud, "di")];
  const ids = await Promise.all(people.map((person) => createMeeting(person)));
  assert.equal(new Set(ids).size, people.length);
  for (const [index, person] of people.entries()) {
    assert.equal((await readMeeting(ada, ids[index])).createdBy, person.userId);
  }
});

test("one user can create many meetings", async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => createMeeting(ada)));
  assert.equal(new Set(ids).size, 5);
  for (const id of ids) assert.equal((await readMeeting(ada, id)).createdBy, ada.userId);
});
