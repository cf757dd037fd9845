// `node tests/bench/compare.mjs PROGRAM…`: role changes in a room of ten, by several builds of the local cloud and the Node server in turns.
//
// For whoever makes something faster: two runs of `make bench-roles` differ by more than most changes do. `VAR=value,PROGRAM` is
// the program with a setting. ROUNDS=60 changes of each.

import { inTurns, rushed } from "./changes.mjs";
import { members, socketUrl } from "./people.mjs";
import { baseline, benchTool, localCloud } from "./processes.mjs";
import { median, table } from "./text.mjs";

const SIZE = 10;
const ROUNDS = Number(process.env.ROUNDS ?? 60);

const sides = [];
for (const name of process.argv.slice(2)) {
  const settings = name.split(",");
  const program = settings.pop();
  const env = { PING_INTERVAL_MS: "480000", ...Object.fromEntries(settings.map((setting) => setting.split("="))) };
  const cloud = await localCloud({ program, env });
  sides.push({ name, url: cloud.url, cloud, stop: cloud.stop });
}
if (sides.length === 0) throw new Error("which programs? Such as: node tests/bench/compare.mjs before/dais-local target/local/dais-local");
const node = await baseline();
sides.push({ name: "node", url: node.url, stop: node.stop });

const people = await members(sides[0].cloud, SIZE);
for (const side of sides) {
  // The Node server believes any token.
  side.people = side.cloud ? await members(side.cloud, SIZE) : people;
  side.roomId = side.cloud ? await side.cloud.createMeeting(side.people[0]) : "room";
  side.tool = benchTool();
  await side.tool.run({ do: "open", url: socketUrl(side.url), roomId: side.roomId, members: side.people, atOnce: 8 });
  await rushed(side.tool, 150);
  side.heard = [];
}
await inTurns(sides, ROUNDS);
const last = median(sides.at(-1).heard);
const rows = sides.map(({ name, heard }) => [name, median(heard), median(heard) / last]);
console.log(table(["build", "p50 ms", "to node"], rows));
for (const side of sides) {
  side.tool.stop();
  await side.stop();
}
