// Clients with media, for the measurements of the media node: signalling by stock socket.io-client, media by dais-media-load.

import { readdirSync, readFileSync } from "node:fs";

import { io } from "socket.io-client";

import { localCloud } from "./processes.mjs";

/** Nanoseconds that a process has been on a processor, user and system. */
export function cpuNs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]), 0);
}
export const rssKb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

/** Asks over a socket; an answer with an error ends the measurement. */
export async function ask(socket, event, payload) {
  const answer = await socket.timeout(20_000).emitWithAck(event, payload);
  if (answer?.error) throw new Error(`${event}: ${answer.error}`);
  return answer;
}

export async function join(cloud, person, roomId) {
  const socket = io(cloud.url, { auth: { token: person.token }, transports: ["websocket"], forceNew: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
  const { rtpCapabilities } = await ask(socket, "get-rtp-capabilities", { roomId });
  const { existingProducers } = await ask(socket, "join-mediasoup-room", { roomId, rtpCapabilities });
  return { socket, rtpCapabilities, existingProducers };
}

/** A local cloud whose media node can be given rooms, and that node. */
export async function cloudWithNode() {
  const cloud = await localCloud({ env: { NODES: "1", PING_INTERVAL_MS: "480000" } });
  for (;;) {
    const [node] = await cloud.tool("/_local/media");
    if (node.id) return { cloud, node };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let transports = 0;
const begin = async (tool, client, roomId, direction, command) => {
  const id = `t${transports++}`;
  const { params } = await ask(client.socket, "create-webrtc-transport", { roomId, direction });
  const { dtlsParameters, rtpParameters } = await tool.run({ ...command, id, params });
  await ask(client.socket, "connect-transport", { roomId, transportId: params.id, dtlsParameters });
  return { id, transportId: params.id, rtpParameters };
};

/** A connected transport with tracks on offer; `tookUs` is how long ICE and DTLS took. */
export async function offer(tool, client, roomId, tracks) {
  const transport = await begin(tool, client, roomId, "send", { do: "publish", tracks });
  const { tookUs } = await tool.run({ do: "connect", id: transport.id });
  return { ...transport, tookUs };
}

/** Publishes a track that was offered. */
export async function produce(client, roomId, transport, track, kind) {
  const rtpParameters = transport.rtpParameters[track];
  return ask(client.socket, "produce", { roomId, transportId: transport.transportId, kind, rtpParameters, appData: {} });
}

/** A microphone and a camera. */
export async function publish(tool, client, roomId, number) {
  const kinds = ["audio", "video"];
  const tracks = kinds.map((kind, at) => ({ kind, ssrc: 1000 + number * 10 + at }));
  const transport = await offer(tool, client, roomId, tracks);
  for (const [at, kind] of kinds.entries()) await produce(client, roomId, transport, at, kind);
  await tool.run({ do: "send", id: transport.id, tracks: [0, 1] });
  return transport;
}

/** A transport to subscribe on: it connects with the first that it subscribes to, as clients do. */
export const listen = (tool, client, roomId) => begin(tool, client, roomId, "recv", { do: "subscribe" });

/** Subscribes to a producer; what it has subscribed to flows when it is resumed. */
export async function consume(tool, client, roomId, transport, producerId) {
  const { id, kind, rtpParameters } = await ask(client.socket, "consume", { roomId, producerId, rtpCapabilities: client.rtpCapabilities });
  await tool.run({ do: "receive", id: transport.id, kind, rtpParameters });
  return id;
}

/** Without anything to receive, the transport stays as it is. */
export async function subscribe(tool, client, roomId, producers) {
  const transport = await listen(tool, client, roomId);
  if (producers.length === 0) return transport;
  const consumers = [];
  for (const { producerId } of producers) consumers.push(await consume(tool, client, roomId, transport, producerId));
  const { tookUs } = await tool.run({ do: "connect", id: transport.id });
  for (const consumerId of consumers) await ask(client.socket, "resume-consumer", { roomId, consumerId });
  return { ...transport, tookUs };
}
