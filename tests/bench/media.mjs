// `make bench-media`: what the media node costs to forward, to join and to hold.
//
// Clients sign in, join and subscribe over the real protocol, with stock socket.io-client, through the local cloud; their media is
// that of dais-media-load, a process of its own. The node runs on one processor, everything else on the other. docs/benchmarks.md says
// how to read the figures.

import { execFileSync } from "node:child_process";
import os from "node:os";

import { ask, cloudWithNode, consume, cpuNs, join, listen, offer, produce, publish, rssKb, subscribe } from "./media-people.mjs";
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
const GIVEN_BACK_MS = 3000;
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

/**
 * From a host's click to the last packet that reaches anybody, of a client that ignores every message and sends a packet each
 * millisecond: what is in the node and on its way counts.
 */
async function silence() {
  const { cloud } = await cloudWithNode();
  const tool = loadTool();
  try {
    const people = await members(cloud, 3);
    const roomId = await cloud.createMeeting(people[0]);
    const [host, eve, listener] = await Promise.all(people.map((person) => join(cloud, person, roomId)));
    const rounds = FAST ? 5 : 60;
    const send = await offer(tool, eve, roomId, Array.from({ length: rounds }, (_, round) => ({ kind: "audio", ssrc: 5000 + round })));
    const heard = await listen(tool, listener, roomId);
    const tookMs = [];
    for (let round = 0; round < rounds; round++) {
      const { id } = await produce(eve, roomId, send, round, "audio");
      const consumerId = await consume(tool, listener, roomId, heard, id);
      if (round === 0) await tool.run({ do: "connect", id: heard.id });
      await ask(listener.socket, "resume-consumer", { roomId, consumerId });
      await tool.run({ do: "send", id: send.id, tracks: [round] });
      const flowing = tool.run({ do: "flow", ms: 350, audioEveryUs: 1000 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      const clicked = performance.timeOrigin + performance.now();
      const told = ask(host.socket, "toggle-remote-audio", { roomId, targetUserId: people[1].userId, force: "mute" });
      const { received, lastReceivedAtMs } = await flowing;
      await told;
      if (received < 50) throw new Error("nothing was heard before the click");
      tookMs.push(Math.max(0, lastReceivedAtMs - clicked));
      await ask(host.socket, "toggle-remote-audio", { roomId, targetUserId: people[1].userId, force: "unmute" });
    }
    return tookMs;
  } finally {
    tool.stop();
    await cloud.stop();
  }
}

/** What a connected transport and a consumer take, with nothing flowing: the first consumer comes with its transport, the others after it. */
async function memory() {
  const { cloud, node } = await cloudWithNode();
  const tool = loadTool();
  try {
    const [tracks, listeners] = FAST ? [3, 10] : [8, 100];
    const people = await members(cloud, 1 + listeners);
    const roomId = await cloud.createMeeting(people[0]);
    const [host, ...others] = await Promise.all(people.map((person) => join(cloud, person, roomId)));
    const send = await offer(tool, host, roomId, Array.from({ length: tracks }, (_, at) => ({ kind: "audio", ssrc: 100 + at })));
    const producers = [];
    for (let track = 0; track < tracks; track++) producers.push({ producerId: (await produce(host, roomId, send, track, "audio")).id });
    const [first, ...rest] = producers;
    // What was needed for a moment only is given back after a second.
    const held = async () => {
      await new Promise((resolve) => setTimeout(resolve, GIVEN_BACK_MS));
      return rssKb(node.pid);
    };
    const rss = [await held()];
    const transports = [];
    for (const other of others) transports.push(await subscribe(tool, other, roomId, [first]));
    rss.push(await held());
    for (const [at, other] of others.entries()) {
      for (const { producerId } of rest) await consume(tool, other, roomId, transports[at], producerId);
    }
    rss.push(await held());
    const perConsumer = (rss[2] - rss[1]) / (listeners * rest.length);
    return { perConsumer, perTransport: (rss[1] - rss[0]) / listeners - perConsumer, transports: listeners, consumers: listeners * tracks };
  } finally {
    tool.stop();
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
