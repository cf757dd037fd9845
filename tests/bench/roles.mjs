// `make bench-roles`: role changes in rooms of 2 to 1,000 sockets, what they cost, and how a Node server fares beside it.
//
// The local cloud and the Node server run at the same time and are measured in turns, change by change, so that whatever else
// the machine does meets both. Only ratios of one run mean much. docs/benchmarks.md says how to read the figures.

import { readFileSync } from "node:fs";
import os from "node:os";

import { actionCosts } from "./action-costs.mjs";
import { inTurns, rushed } from "./changes.mjs";
import { handlerTime } from "./handler-time.mjs";
import { baseline, benchTool, localCloud } from "./processes.mjs";
import { members, socketUrl } from "./people.mjs";
import { median, quantile, table } from "./text.mjs";

const prices = JSON.parse(readFileSync(new URL("prices.json", import.meta.url)));

// Per size: changes one at a time, and blocks of changes as fast as they go. FAST=1 is for trying the script.
const FAST = process.env.FAST === "1";
const BLOCKS = FAST ? 1 : 6;
const SIZES = [
  { size: 2, rounds: 60, rush: 150 },
  { size: 10, rounds: 150, rush: 150 },
  { size: 100, rounds: 60, rush: 40 },
  { size: 1000, rounds: 30, rush: 8 },
]
  .slice(0, FAST ? 2 : 4)
  .map((plan) => (FAST ? { ...plan, rounds: 6, rush: 5 } : plan));
/** The ratio that must hold, in a room of this size. */
const TARGET = { size: 10, ratio: 3 };

/** Three parts of a run, one after the other. */
const inParts = (values) => [0, 1, 2].map((part) => values.slice((part * values.length) / 3, ((part + 1) * values.length) / 3));

const cloud = await localCloud({ env: { PING_INTERVAL_MS: "480000" } });
const node = await baseline();
const ours = benchTool();
const theirs = benchTool();

const rows = [];
for (const { size, rounds, rush } of SIZES) {
  process.stderr.write(`a room of ${size} …\n`);
  const everybody = await members(cloud, size);
  const roomId = await cloud.createMeeting(everybody[0]);
  await ours.run({ do: "open", url: socketUrl(cloud.url), roomId, members: everybody, atOnce: 8 });
  await theirs.run({ do: "open", url: socketUrl(node.url), roomId, members: everybody, atOnce: 8 });
  const our = { tool: ours, heard: [] };
  const their = { tool: theirs, heard: [] };
  await rushed(ours, rush);
  await rushed(theirs, rush);
  await inTurns([our, their], rounds);
  const bursts = { ours: [], theirs: [] };
  for (let block = 0; block < BLOCKS; block++) {
    // Whoever sends without a pause is stopped as a flood, by the cloud's clock.
    await cloud.advance("10s");
    bursts.ours.push(await rushed(ours, rush));
    bursts.theirs.push(await rushed(theirs, rush));
  }
  const ratio = median(our.heard) / median(their.heard);
  const parts = inParts(our.heard).map((part, at) => median(part) / median(inParts(their.heard)[at]));
  const perSecond = (blocks) => Math.round(median(blocks.map((block) => block.perSecond)));
  rows.push([
    size,
    median(our.heard),
    quantile(our.heard, 0.99),
    median(their.heard),
    quantile(their.heard, 0.99),
    ratio,
    `${Math.min(...parts).toFixed(1)}..${Math.max(...parts).toFixed(1)}`,
    perSecond(bursts.ours),
    perSecond(bursts.theirs),
    median(bursts.theirs.map(({ toolMs }) => toolMs)),
    size === TARGET.size ? (ratio <= TARGET.ratio ? "met" : "MISSED") : "",
  ]);
  await ours.run({ do: "close" });
  await theirs.run({ do: "close" });
}
theirs.stop();
await node.stop();

console.log(`\n${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}\n`);
console.log("Role changes: ms from the host's emit until the last member has participant-updated, one change at a time, and then");
console.log(`changes per second back to back. Target: p50 in a room of ${TARGET.size} within ${TARGET.ratio}x of a Node server with rooms in memory.\n`);
const HEAD = ["sockets", "p50", "p99", "node p50", "node p99", "ratio", "in thirds", "per s", "node per s", "tool CPU ms", "target"];
console.log(table(HEAD, rows));

process.stderr.write("processor time of the handler …\n");
console.log("Processor time of the signaling function's own process per role change, table and sockets left out.");
console.log("Target: the handler, that is all but the posts, under 1 ms.\n");
console.log(await handlerTime(cloud, ours, prices, SIZES.map(({ size }) => size)));
await cloud.stop();

process.stderr.write("costs …\n");
console.log(`What actions use, and their cost at list prices (${prices.region}, ${prices.date}). Round trips are sequential calls of the`);
console.log("table in one invocation; messages are units of 32 KB in and out. Not in it: data transfer, logs, CloudFront.\n");
console.log(await actionCosts(ours, prices, SIZES.map(({ size }) => size)));
ours.stop();
