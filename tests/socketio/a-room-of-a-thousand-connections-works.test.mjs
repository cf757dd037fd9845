// 143 people with seven tabs each. What a list needs is made large on purpose: the longest names and picture addresses,
// so that the whole list is beyond the 128 KB that API Gateway lets through in one message.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { authenticated, message } from "../support/raw.mjs";

const PEOPLE = Number(process.env.DAIS_ROOM_PEOPLE ?? 143);
const TABS = Number(process.env.DAIS_ROOM_TABS ?? 7);
const MOST_BYTES = 128 * 1024;
const LONG_MS = 60_000;

const cloud = await localCloud();

/** Runs `work` for each of `items`, at most 25 at a time. */
async function each(items, work) {
  const queue = [...items.entries()];
  const results = new Array(items.length);
  const worker = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) results[one[0]] = await work(one[1], one[0]);
  };
  await Promise.all(Array.from({ length: 25 }, worker));
  return results;
}

/** Of thousands of messages per connection, those that a test reads. */
const keep = (text) => !/^42\["(participant-joined|participant-list-update|existing-participants)"/.test(text);
const event = (name) => (text) => text.startsWith(`42["${name}"`);

test(`${PEOPLE * TABS} connections: everybody joins, a promotion reaches all, and no message is beyond 128 KB`, async () => {
  const people = await each(Array.from({ length: PEOPLE }), async (_, index) => {
    const name = `${"名".repeat(96)}${String(index).padStart(4, "0")}`;
    return { ...(await user(cloud, `p${index}`)), name };
  });
  const [host, target] = people;
  const roomId = await createMeeting(host);

  let largest = 0;
  // Everybody's first tab before anybody's second: full lists are sent only while there are few people.
  const tabs = await each(
    Array.from({ length: TABS }, () => people).flat(),
    async (person, index) => {
      const { socket } = await authenticated(person, { keep });
      socket.on("message", (data) => (largest = Math.max(largest, data.length)));
      const userImageUrl = `https://images.example.com/${"x".repeat(480)}/${index}`;
      socket.send(`421${JSON.stringify(["join-room", { roomId, userImageUrl }])}`);
      const answer = await message(socket, (text) => text.startsWith("431"), LONG_MS);
      assert.match(answer, /"success":true/);
      return { person, socket };
    },
  );
  assert.equal(tabs.length, PEOPLE * TABS);

  // One more, who sees everybody, however many messages that takes.
  const late = await authenticated(await user(cloud, "late"));
  const seen = new Set();
  late.socket.on("message", (data) => (largest = Math.max(largest, data.length)));
  late.socket.send(`421["join-room",{"roomId":${JSON.stringify(roomId)}}]`);
  let pages = 0;
  while (seen.size < PEOPLE + 1) {
    const text = await message(late.socket, (text) => /^42\["(existing-participants|participant-joined)"/.test(text), LONG_MS);
    const [name, payload] = JSON.parse(text.slice(2));
    pages += name === "existing-participants" ? 1 : 0;
    for (const { id } of [payload].flat()) seen.add(id);
  }
  assert.ok(pages > 1, `the snapshot came in ${pages} page`);

  const hostTab = tabs.find(({ person }) => person === host).socket;
  hostTab.send(`422${JSON.stringify(["make-cohost", { roomId, participantId: target.userId }])}`);
  await message(hostTab, (text) => text.startsWith("432"), LONG_MS);
  await Promise.all(
    [...tabs.map(({ socket }) => socket), late.socket].map(async (socket) => {
      const [, payload] = JSON.parse((await message(socket, event("participant-updated"), LONG_MS)).slice(2));
      assert.deepEqual(payload, { participantId: target.userId, updates: { isCoHost: true } });
    }),
  );
  for (const { person, socket } of tabs) {
    if (person === target) await message(socket, event("cohost-granted"), LONG_MS);
  }
  assert.ok(largest <= MOST_BYTES, `the largest message had ${largest} bytes`);
});
