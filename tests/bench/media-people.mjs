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

export const AUDIO = { mimeType: "audio/opus", payloadType: 111, clockRate: 48000, channels: 2, parameters: {}, rtcpFeedback: [] };
export const VIDEO = { mimeType: "video/VP8", payloadType: 96, clockRate: 90000, parameters: {}, rtcpFeedback: [{ type: "nack", parameter: "" }] };

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
/** Makes a transport and connects it; gives how long ICE and DTLS took. */
export async function connect(tool, client, roomId, direction) {
  const id = `t${transports++}`;
  const { params } = await ask(client.socket, "create-webrtc-transport", { roomId, direction });
  const { dtlsParameters } = await tool.run({ do: "transport", id, params });
  await ask(client.socket, "connect-transport", { roomId, transportId: params.id, dtlsParameters });
  const { tookUs } = await tool.run({ do: "connect", id });
  return { id, transportId: params.id, tookUs };
}

export async function publish(tool, client, roomId, number) {
  const transport = await connect(tool, client, roomId, "send");
  const send = { do: "send", id: transport.id };
  for (const [kind, codec, ssrc] of [["audio", AUDIO, 1000 + number * 10], ["video", VIDEO, 1001 + number * 10]]) {
    const rtpParameters = { mid: kind, codecs: [codec], headerExtensions: [], encodings: [{ ssrc }], rtcp: { cname: `p${number}` } };
    await ask(client.socket, "produce", { roomId, transportId: transport.transportId, kind, rtpParameters, appData: {} });
    send[kind] = { ssrc, payloadType: codec.payloadType };
  }
  await tool.run(send);
  return transport;
}

export async function subscribe(tool, client, roomId, producers) {
  const transport = await connect(tool, client, roomId, "recv");
  for (const { producerId } of producers) {
    const consumer = await ask(client.socket, "consume", { roomId, producerId, rtpCapabilities: client.rtpCapabilities });
    await ask(client.socket, "resume-consumer", { roomId, consumerId: consumer.id });
  }
  return transport;
}
