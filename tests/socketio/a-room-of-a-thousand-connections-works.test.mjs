import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { authenticated, message } from "../support/raw.mjs";

const MOST_BYTES = 128 * 1024;
const LONG_MS = 60_000;

const cloud = await localCloud({ args: ["--unlimited"] });
let largest = 0;

/** Of thousands of messages per connection, those that are read here. */
const keep = (text) => !/^42\["(participant-joined|participant-list-update|existing-participants)"/.test(text);
const event = (name) => (text) => text.startsWith(`42["${name}"`);
const payloadOf = (text) => JSON.parse(text.slice(2))[1];

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

/** A socket of `person` in the room. */
async function enter(person, roomId, { more = {}, keep: kept = keep } = {}) {
  const { socket } = await authenticated(person, { keep: kept });
  socket.on("message", (data) => (largest = Math.max(largest, data.length)));
  socket.send(`421${JSON.stringify(["join-room", { roomId, ...more }])}`);
  assert.match(await message(socket, (text) => text.startsWith("431"), LONG_MS), /"success":true/);
  return socket;
}

/** `host` makes `target` a co-host, and every one of `sockets` hears of it. */
async function promote(host, target, roomId, sockets) {
  host.send(`422${JSON.stringify(["make-cohost", { roomId, participantId: target.userId }])}`);
  assert.match(await message(host, (text) => text.startsWith("432"), LONG_MS), /"success":true/);
  await Promise.all(
    sockets.map(async (socket) => {
      const told = payloadOf(await message(socket, event("participant-updated"), LONG_MS));
      assert.deepEqual(told, { participantId: target.userId, updates: { isCoHost: true } });
    }),
  );
}

test("1,000 connections, of 20 people with 50 tabs each: everybody joins, and a promotion reaches all", async () => {
  const people = await each(Array.from({ length: 20 }), (_, index) => user(cloud, `tabs${index}`));
  const [host, target] = people;
  const roomId = await createMeeting(host);
  // Everybody's first tab before anybody's second.
  const owners = Array.from({ length: 50 }, () => people).flat();
  const sockets = await each(owners, (person) => enter(person, roomId));
  assert.equal(new Set(sockets).size, 1_000);

  await promote(sockets[0], target, roomId, sockets);
  await Promise.all(
    sockets
      .filter((_, index) => owners[index] === target)
      .map((socket) => message(socket, event("cohost-granted"), LONG_MS)),
  );
});

test("a list that is too long for one message comes in several, none of them beyond 128 KB", async () => {
  // The longest names and picture addresses that there may be: about a kilobyte for each of 140.
  const people = await each(Array.from({ length: 140 }), async (_, index) => ({
    ...(await user(cloud, `long${index}`)),
    name: `${"名".repeat(96)}${String(index).padStart(4, "0")}`,
  }));
  const [host, target] = people;
  const roomId = await createMeeting(host);
  const sockets = await each(people, (person, index) =>
    enter(person, roomId, { more: { userImageUrl: `https://images.example.com/${"x".repeat(480)}/${index}` } }),
  );

  const late = await enter(await user(cloud, "late"), roomId, { keep: () => true });
  const seen = new Set();
  let pages = 0;
  let bytes = 0;
  while (seen.size < people.length + 1) {
    const text = await message(late, event("existing-participants"), LONG_MS);
    for (const { id } of payloadOf(text)) seen.add(id);
    bytes += Buffer.byteLength(text);
    pages += 1;
  }
  assert.ok(bytes > MOST_BYTES, `the list has only ${bytes} bytes`);
  assert.ok(pages > 1);

  await promote(sockets[0], target, roomId, [...sockets, late]);
  await message(sockets[1], event("cohost-granted"), LONG_MS);
});

test("no message was beyond 128 KB", () => {
  assert.ok(largest > 0 && largest <= MOST_BYTES, `the largest message had ${largest} bytes`);
});
