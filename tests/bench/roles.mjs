// `make bench-roles`: role changes in rooms of 2 to 1,000 sockets, what they cost, and how a Node server fares beside it.
//
// The local cloud and the Node server run at the same time and are measured in turns, block by block, so that whatever else
// the machine does meets both. Only ratios of one run mean much. docs/benchmarks.md says how to read the figures.

import { readFileSync } from "node:fs";
import os from "node:os";

import { actionCosts } from "./action-costs.mjs";
import { paced, rushed } from "./changes.mjs";
import { handlerTime } from "./handler-time.mjs";
import { baseline, benchTool, localCloud } from "./processes.mjs";
import { members, socketUrl } from "./people.mjs";
import { median, quantile, table } from "./text.mjs";

const prices = JSON.parse(readFileSync(new URL("prices.json", import.meta.url)));

// Per size: blocks in turns, changes in a block, and changes as fast as they go. FAST=1 is for trying the script.
const FAST = process.env.FAST === "1";
const SIZES = [
  { size: 2, blocks: 6, paced: 50, rushed: 150 },
  { size: 10, blocks: 8, paced: 50, rushed: 150 },
  { size: 100, blocks: 6, paced: 20, rushed: 40 },
  { size: 1000, blocks: 4, paced: 8, rushed: 8 },
]
  .slice(0, FAST ? 2 : 4)
  .map((plan) => (FAST ? { ...plan, blocks: 2, paced: 5, rushed: 5 } : plan));
/** The ratio that must hold, in a room of this size. */
const TARGET = { size: 10, ratio: 3 };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const cloud = await localCloud({ env: { PING_INTERVAL_MS: "480000" } });
const node = await baseline();
const ours = benchTool();
const theirs = benchTool();

const rows = [];
for (const { size, blocks, paced: changes, rushed: rush } of SIZES) {
  process.stderr.write(`a room of ${size} …\n`);
  const everybody = await members(cloud, size);
  const roomId = await cloud.createMeeting(everybody[0]);
  await ours.run({ do: "open", url: socketUrl(cloud.url), roomId, members: everybody, atOnce: 8 });
  await theirs.run({ do: "open", url: socketUrl(node.url), roomId, members: everybody, atOnce: 8 });
  // Two changes within two seconds are told twice, so the clock goes on in between; rushed, they are.
  const apart = () => cloud.advance("3s");
  await paced(ours, 10, apart);
  await rushed(theirs, 50);
  const figures = { ours: [], theirs: [], oursRushed: [], theirsRushed: [], ratios: [] };
  for (let block = 0; block < blocks; block++) {
    const our = await paced(ours, changes, apart);
    const their = await paced(theirs, changes);
    figures.ours.push(...our);
    figures.theirs.push(...their);
    figures.ratios.push(median(our) / median(their));
    figures.oursRushed.push(await rushed(ours, rush));
    figures.theirsRushed.push(await rushed(theirs, rush));
    await pause(300);
  }
  const ratio = median(figures.ours) / median(figures.theirs);
  rows.push([
    size,
    median(figures.ours),
    quantile(figures.ours, 0.99),
    median(figures.theirs),
    quantile(figures.theirs, 0.99),
    ratio,
    `${Math.min(...figures.ratios).toFixed(1)}..${Math.max(...figures.ratios).toFixed(1)}`,
    Math.round(median(figures.oursRushed.map(({ perSecond }) => perSecond))),
    Math.round(median(figures.theirsRushed.map(({ perSecond }) => perSecond))),
    median(figures.theirsRushed.map(({ toolMs }) => toolMs)),
    size === TARGET.size ? (ratio <= TARGET.ratio ? "met" : "MISSED") : "",
  ]);
  await ours.run({ do: "close" });
  await theirs.run({ do: "close" });
}
theirs.stop();
await node.stop();

console.log(`\n${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}\n`);
console.log("Role changes: ms from the host's emit until the last member has participant-updated, and changes per second");
console.log(`back to back. Target: p50 in a room of ${TARGET.size} within ${TARGET.ratio}x of a Node server with rooms in memory.\n`);
const HEAD = ["sockets", "p50", "p99", "node p50", "node p99", "ratio", "by block", "per s", "node per s", "tool CPU ms", "target"];
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
