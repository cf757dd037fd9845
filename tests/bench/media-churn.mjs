// `make churn-media`: joins, leaves, mutes and reloads at random, with media flowing, and what the node holds afterwards.
//
// Its memory must return to what it was after a first round of the same within 5 %, and no transport, thread or file descriptor may be left over.

import { readdirSync } from "node:fs";

import { ask, cloudWithNode, join, publish, rssKb, subscribe } from "./media-people.mjs";
import { members } from "./people.mjs";
import { loadTool } from "./processes.mjs";

const SECONDS = Number(process.env.CHURN_SECONDS ?? 300);
const PEERS = Number(process.env.CHURN_PEERS ?? 50);

// mulberry32: the same churn for the same seed.
let state = Number(process.env.SEED ?? 1);
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const { cloud, node } = await cloudWithNode();
const tool = loadTool();
const people = await members(cloud, PEERS + 1);
const roomId = await cloud.createMeeting(people[0]);
const host = await join(cloud, people[0], roomId);
const count = (kind) => readdirSync(`/proc/${node.pid}/${kind}`).length;
const holds = () => ({ rssKb: rssKb(node.pid), threads: count("task"), descriptors: count("fd") });

let number = 0;
const inside = new Map();
async function enter(person) {
  const client = await join(cloud, person, roomId);
  inside.set(person, client);
  await publish(tool, client, roomId, number++).catch(({ message }) => {
    // Who was muted is muted when he comes back.
    if (!message.includes("locked")) throw new Error(message);
  });
  const { existingProducers } = await ask(client.socket, "join-mediasoup-room", { roomId, rtpCapabilities: client.rtpCapabilities });
  // Some of them may go meanwhile.
  await subscribe(tool, client, roomId, existingProducers.slice(0, 6)).catch(({ message }) => {
    if (!/producer/i.test(message)) throw new Error(message);
  });
}
function leave(person) {
  inside.get(person)?.socket.disconnect();
  inside.delete(person);
}

async function churn(ms) {
  const end = Date.now() + ms;
  let steps = 0;
  while (Date.now() < end) {
    const dice = random();
    const outside = people.slice(1).filter((person) => !inside.has(person));
    if (outside.length && (dice < 0.4 || inside.size < PEERS / 4)) await enter(pick(outside));
    else if (dice < 0.65) leave(pick([...inside.keys()]));
    else if (dice < 0.8) {
      const person = pick([...inside.keys()]);
      leave(person);
      await enter(person);
    } else {
      const targetUserId = pick([...inside.keys()]).userId;
      await ask(host.socket, "toggle-remote-audio", { roomId, targetUserId, force: dice < 0.9 ? "mute" : "unmute" }).catch(() => {});
    }
    await tool.run({ do: "flow", ms: 50 });
    steps++;
  }
  return steps;
}

/** Connections that nobody uses are kept for 120 s by the control API, and for 90 s by the AWS SDK, which looks once in that time. */
const KEPT_MS = 190_000;
/** The lease and the rereads go on, over one connection to the table or two: how long is waited for a moment with as few as before. */
const MOMENT_MS = 120_000;

/** Everybody leaves, the node has noticed, and what was kept for the next request is closed. */
async function empty() {
  [...inside.keys()].forEach(leave);
  await tool.run({ do: "forget" });
  await pause(KEPT_MS);
}

// FILL=1 tells tables that have grown with the most who were ever there at once from what grows with every round.
if (process.env.FILL === "1") for (const person of people.slice(1)) await enter(person);
await churn(Math.min(30_000, SECONDS * 250));
await empty();
const before = holds();
const steps = await churn(SECONDS * 1000);
await empty();
const nothingLeft = (held) =>
  held.rssKb <= 1.05 * before.rssKb && held.threads <= before.threads && held.descriptors <= before.descriptors;
let after = holds();
for (let waited = 0; waited < MOMENT_MS && !nothingLeft(after); waited += 1000) {
  await pause(1000);
  after = holds();
}
console.log(`${steps} steps in ${SECONDS} s, at most ${PEERS} peers`);
console.log("before", before, "after", after, `memory ${(100 * (after.rssKb / before.rssKb - 1)).toFixed(1)} %`);
const fine = nothingLeft(after);
console.log(fine ? "nothing is left over" : "SOMETHING IS LEFT OVER");
tool.stop();
await cloud.stop();
process.exit(fine ? 0 : 1);
