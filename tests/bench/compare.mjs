// `node tests/bench/compare.mjs PROGRAM…`: role changes in a room of ten, by several builds of the local cloud and the Node server in turns.
//
// For whoever makes something faster: two runs of `make bench-roles` differ by more than most changes do, and this tells two builds that
// are 2 % apart in two minutes. `VAR=value,PROGRAM` is the program with a setting. RUSH=1 puts changes back to back between, as
// `make bench-roles` does.

import { paced, rushed } from "./changes.mjs";
import { members, socketUrl } from "./people.mjs";
import { baseline, benchTool, localCloud } from "./processes.mjs";
import { median, table } from "./text.mjs";

const SIZE = 10;
const BLOCKS = Number(process.env.BLOCKS ?? 8);

const sides = [];
for (const name of process.argv.slice(2)) {
  const settings = name.split(",");
  const program = settings.pop();
  const env = { PING_INTERVAL_MS: "480000", ...Object.fromEntries(settings.map((setting) => setting.split("="))) };
  const cloud = await localCloud({ program, env });
  sides.push({ name, url: cloud.url, cloud, apart: () => cloud.advance("3s"), stop: cloud.stop });
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
  await paced(side.tool, 15, side.apart);
  side.heard = [];
}
for (let block = 0; block < BLOCKS; block++) {
  for (const side of sides) {
    side.heard.push(await paced(side.tool, 50, side.apart));
    if (process.env.RUSH === "1") await rushed(side.tool, 150);
  }
}
const p50 = (side) => median(side.heard.flat());
const last = p50(sides.at(-1));
const rows = sides.map((side) => [side.name, p50(side), p50(side) / last, side.heard.map((block) => median(block).toFixed(2)).join(" ")]);
console.log(table(["build", "p50 ms", "to node", "by block"], rows));
for (const side of sides) {
  side.tool.stop();
  await side.stop();
}
