import assert from "node:assert/strict";
import test from "node:test";

import { localCloud, writesIn } from "../support/cloud.mjs";
import { within } from "../support/deadline.mjs";
import { next, unread } from "../support/mailbox.mjs";
import { ask, connect, join, user } from "../support/people.mjs";
import { authenticated, ended, message } from "../support/raw.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();
const FLOOD = 5_000;

test(`${FLOOD} messages at once from one connection: rate-limited, then closed, and the others notice nothing`, async () => {
  const { roomId, ada } = await roomOf(cloud, "ada", "bo");
  const { socket } = await authenticated(await user(cloud, "mallory"));
  const writes = await cloud.countCalls();
  for (let n = 0; n < FLOOD; n++) socket.send(`42["get-socket-id-for-user",{"userId":"user_${n}"}]`);
  const error = await message(socket, (text) => text.includes("rate-limited"));
  assert.match(error, /^42\["error",\{/);
  await ended(socket);
  const calls = await writes();
  assert.ok(writesIn(calls) < FLOOD / 100, `not a table write per message: ${JSON.stringify(calls.totals)}`);
  await ask(ada.socket, "get-socket-id-for-user", { userId: ada.userId });
  await join(await connect(await user(cloud, "cy")), roomId);
});

test("a stock client in a loop is told by name, and cut off", async () => {
  const socket = await connect(await user(cloud, "mallory"), { reconnection: false });
  const gone = within(new Promise((resolve) => socket.once("disconnect", resolve)), "the end of the connection");
  for (let n = 0; n < FLOOD; n++) socket.emit("get-socket-id-for-user", { userId: "user_x" });
  const { code, message } = await next(socket, "error", (error) => error.code === "rate-limited");
  assert.equal(code, "rate-limited");
  assert.ok(message.length > 5);
  await gone;
});

test("the burst of a real joiner is no flood: 10 + 4(N - 1) messages at once in a room of 30", async () => {
  const N = 30;
  const names = ["host", ...Array.from({ length: N - 2 }, (_, index) => `guest${index}`)];
  const { roomId, people } = await roomOf(cloud, ...names);
  const socket = await connect(await user(cloud, "joiner"));
  await join(socket, roomId);
  // All in the same instant, as the real front ends do: four for each of the others, ten of one's own.
  const burst = [];
  for (let n = 0; n < 10; n++) burst.push(ask(socket, "set-user-id", "user_me"));
  for (const { userId } of people) {
    for (let n = 0; n < 4; n++) burst.push(ask(socket, "get-socket-id-for-user", { userId }));
  }
  assert.equal(burst.length, 10 + 4 * (N - 1));
  assert.equal((await Promise.all(burst)).length, burst.length);
  assert.equal((await next(socket, "existing-participants")).length, N);
  assert.deepEqual(unread(socket, "error"), []);
  assert.equal(socket.connected, true);
});
