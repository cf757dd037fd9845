// `make bench-media`: what the media node costs to forward, to join and to hold.
//
// Clients sign in, join and subscribe over the real protocol, with stock socket.io-client, through the local cloud; their media is
// that of dais-media-load, in processes of their own. The node runs on one processor, everything else on the other. docs/benchmarks.md says
// how to read the figures.

import { execFileSync } from "node:child_process";
import os from "node:os";

import { memory } from "./media-memory.mjs";
import { ask, cloudWithNode, cpuNs, join, publish, rssKb, subscribe } from "./media-people.mjs";
import { silence } from "./media-silence.mjs";
import { loadTool } from "./processes.mjs";
import { members } from "./people.mjs";
import { median, quantile, table } from "./text.mjs";

const FAST = process.env.FAST === "1";
/** `flow`, `memory` or `silence`: only that part; or one shape of the flow, such as `10x9`. */
const ONLY = process.env.ONLY;
const RUNS = FAST ? 1 : 3;
const WARM_MS = FAST ? 500 : 2000;
const FLOW_MS = FAST ? 1000 : 4000;
const EARLY_MS = 100;
/** Publishers, and how many others each of them is received by. */
const SHAPES = [
  { name: "1x1", publishers: 1, subscribers: 1 },
  { name: "1x10", publishers: 1, subscribers: 10 },
  { name: "1x100", publishers: 1, subscribers: 100 },
  { name: "1x200", publishers: 1, subscribers: 200 },
  { name: "10x9", publishers: 10, subscribers: 0 },
]
  .slice(0, FAST ? 2 : 5)
  .filter(({ name }, _, all) => !all.some((shape) => shape.name === ONLY) || name === ONLY);

const NODE_CPU = 0;
const REST_CPU = os.cpus().length > 1 ? 1 : 0;
const pin = (pid, cpu) => execFileSync("taskset", ["-acp", String(cpu), String(pid)], { stdio: "ignore" });

/** Media flows for a time, with both tools counting. */
async function flow(tool, crowd, ms) {
  // The crowd begins to count before anything is sent, and ends after it.
  const counting = crowd.run({ do: "flow", ms: ms + 2 * EARLY_MS });
  await new Promise((resolve) => setTimeout(resolve, EARLY_MS));
  const [seen, others] = await Promise.all([tool.run({ do: "flow", ms }), counting]);
  return { ...seen, received: seen.received + others.received, toolCores: seen.toolCores + others.toolCores };
}

async function measure({ name, publishers, subscribers }) {
  const { cloud, node } = await cloudWithNode();
  // Who publishes and one who listens have a process to themselves: how long a packet takes is the node's time, not that which a crowd
  // of peer connections needs to read it.
  const [tool, crowd] = [loadTool(), loadTool()];
  try {
    for (const { pid } of [cloud, tool, crowd]) pin(pid, REST_CPU);
    pin(node.pid, NODE_CPU);
    const people = await members(cloud, publishers + subscribers);
    const roomId = await cloud.createMeeting(people[0]);
    const clients = [];
    for (const person of people) clients.push(await join(cloud, person, roomId));

    const joins = [];
    const senders = clients.slice(0, publishers);
    for (const [number, client] of senders.entries()) joins.push((await publish(tool, client, roomId, number)).tookUs);
    const receivers = subscribers ? clients.slice(publishers) : clients;
    const { existingProducers } = await ask(receivers[0].socket, "join-mediasoup-room", { roomId, rtpCapabilities: receivers[0].rtpCapabilities });
    const all = subscribers ? existingProducers : null;

    const before = { cpu: cpuNs(node.pid), rss: rssKb(node.pid) };
    for (const [number, client] of receivers.entries()) {
      const producers = all ?? (await ask(client.socket, "join-mediasoup-room", { roomId, rtpCapabilities: client.rtpCapabilities })).existingProducers;
      joins.push((await subscribe(subscribers && number ? crowd : tool, client, roomId, producers)).tookUs);
    }
    const after = { cpu: cpuNs(node.pid), rss: rssKb(node.pid) };

    const each = subscribers || publishers - 1;
    const runs = [];
    for (let run = 0; run < RUNS; run++) {
      await flow(tool, crowd, WARM_MS);
      const cpu = cpuNs(node.pid);
      const seen = await flow(tool, crowd, FLOW_MS);
      const spent = cpuNs(node.pid) - cpu;
      const lossShare = 1 - seen.received / (seen.sent * each);
      runs.push({ ...seen, lossShare, usPerPacket: spent / 1000 / seen.received, cores: spent / 1e6 / FLOW_MS });
    }
    const of = (field) => median(runs.map((run) => run[field]));
    return {
      shape: name,
      "CPU µs/packet": of("usPerPacket"),
      "runs": runs.map((run) => run.usPerPacket.toFixed(2)).join(" "),
      "node cores": of("cores"),
      "packets/s per core": Math.round(1e6 / of("usPerPacket")),
      "kpackets/s out": of("received") / FLOW_MS,
      "loss %": 100 * of("lossShare"),
      "delay p50 µs": Math.round(of("p50Us")),
      "delay p99 µs": Math.round(of("p99Us")),
      "join p50 ms": median(joins) / 1000,
      "CPU ms/join": (after.cpu - before.cpu) / 1e6 / receivers.length,
      "KB/subscriber idle": Math.round((after.rss - before.rss) / receivers.length),
      "KB/subscriber flowing": Math.round((rssKb(node.pid) - before.rss) / receivers.length),
      "tool cores": of("toolCores"),
    };
  } finally {
    tool.stop();
    crowd.stop();
    await cloud.stop();
  }
}

if (ONLY === undefined || ONLY === "memory") {
  const { perTransport, perConsumer, transports, consumers } = await memory();
  console.log(`memory: ${perTransport.toFixed(1)} KB per transport, ${perConsumer.toFixed(1)} KB per consumer (${transports} and ${consumers}, nothing flowing)`);
}
if (ONLY === "memory") process.exit(0);

if (ONLY === undefined || ONLY === "silence") {
  const silent = await silence();
  console.log(
    `from the host's emit to the last forwarded packet: p50 ${median(silent).toFixed(1)} ms, p99 ${quantile(silent, 0.99).toFixed(1)} ms ` +
      `of ${silent.length} (target: p99 under 50)`,
  );
}
if (ONLY === "silence") process.exit(0);

const floorTool = loadTool();
pin(floorTool.pid, NODE_CPU);
const floors = [];
for (let run = 0; run < RUNS; run++) floors.push(await floorTool.run({ do: "floor", ms: FAST ? 300 : 1500 }));
floorTool.stop();
const floor = median(floors.map((run) => run.sendtoAndGcmUs));
console.log(`floor: sendto of 1,200 bytes and one AES-128-GCM: ${floor.toFixed(2)} µs (${floors.map((run) => run.sendtoAndGcmUs.toFixed(2)).join(" ")})`);

const rows = [];
for (const shape of SHAPES) {
  process.stderr.write(`${shape.name} …\n`);
  rows.push(await measure(shape));
}
console.log(table(Object.keys(rows[0]), rows.map((row) => Object.values(row))));
const wide = rows.find((row) => row.shape === "1x200");
if (wide) console.log(`1x200 is ${(Number(wide["CPU µs/packet"]) / floor).toFixed(2)} times the floor (target: at most 2)`);
process.exit(0);
