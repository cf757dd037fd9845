// The page of a participant. Tests drive it through `window.page`.

import { io } from "socket.io-client";

import { Meeting } from "./meeting.js";
import { sendRed } from "./red.js";

const question = new URLSearchParams(location.search);
const [cloud, user, roomId] = ["cloud", "user", "room"].map((name) => question.get(name));
const tiles = document.querySelector("#tiles");

const token = async () => {
  const answer = await fetch(`${cloud}/_local/token?${new URLSearchParams({ user, name: user })}`);
  return answer.json();
};

/** A moving picture that is no camera. */
function drawing() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  let frame = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${(frame * 7) % 360} 80% 50%)`;
    pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = "black";
    pen.fillText(`screen ${frame++}`, 100, 120);
  }, 66);
  return canvas.captureStream(15).getVideoTracks()[0];
}

function show({ detail: { consumer, info } }) {
  const media = document.createElement(consumer.kind === "audio" ? "audio" : "video");
  Object.assign(media, { autoplay: true, playsInline: true, muted: consumer.kind === "video", id: `m-${info.producerId}` });
  media.dataset.user = info.userId;
  media.dataset.source = info.isScreenShare ? "screen" : info.kind;
  media.srcObject = new MediaStream([consumer.track]);
  tiles.append(media);
}

const inbound = async ({ consumer, info }) => {
  const stats = await consumer.getStats();
  const report = [...stats.values()].find(({ type }) => type === "inbound-rtp") ?? {};
  const { packetsReceived = 0, framesDecoded = 0, totalAudioEnergy = 0, frameWidth = 0, nackCount = 0 } = report;
  const { concealmentEvents = 0, packetsDiscarded = 0, bytesReceived = 0 } = report;
  const { packetsLost = 0, retransmittedPacketsReceived = 0, freezeCount = 0, keyFramesDecoded = 0 } = report;
  const { userId, kind, isScreenShare, producerId } = info;
  return {
    userId, kind, isScreenShare, producerId, consumerId: consumer.id, packetsReceived, framesDecoded, totalAudioEnergy,
    frameWidth, nackCount, packetsLost, retransmittedPacketsReceived, freezeCount, keyFramesDecoded,
    concealmentEvents, packetsDiscarded, bytesReceived,
    codec: stats.get(report.codecId)?.mimeType,
  };
};

window.page = {
  heard: [],

  /** `red`: sound is sent with RED around it. */
  async join({ audio = true, video = true, width = 320, height = 240, encodings, codec, unknown, red } = {}) {
    const outgoing = red ? sendRed() : undefined;
    const { userId } = await token();
    const socket = io(cloud, {
      transports: ["websocket"],
      auth: (give) => token().then(({ token }) => give({ token })),
    });
    socket.onAny((name, payload) => this.heard.push({ name, payload, at: performance.now() }));
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
    this.meeting = new Meeting(socket, roomId, { userId, encodings, codec, unknown, outgoing });
    this.meeting.addEventListener("stream", show);
    this.meeting.addEventListener("end", ({ detail }) => document.getElementById(`m-${detail.producerId}`)?.remove());
    const sources = {};
    if (audio || video) {
      const stream = await navigator.mediaDevices.getUserMedia({ audio, video: video && { width, height, frameRate: 15 } });
      [sources.microphone] = stream.getAudioTracks();
      [sources.camera] = stream.getVideoTracks();
    }
    await this.meeting.start(sources);
    return { userId, socketId: socket.id, joined: this.meeting.joined };
  },

  share() {
    return this.meeting.publish("screen", drawing());
  },

  /** What arrives, one entry per consumer. */
  received() {
    return Promise.all([...this.meeting.consumers.values()].filter(Boolean).map(inbound));
  },

  /** What leaves, by source. */
  async sent() {
    const sent = {};
    for (const [source, producer] of this.meeting.producers) {
      const reports = [...(await producer.getStats()).values()].filter(({ type }) => type === "outbound-rtp");
      sent[source] = reports.reduce((sum, { packetsSent = 0 }) => sum + packetsSent, 0);
    }
    return sent;
  },

  /** How the camera is encoded: one entry for each layer that is sent. */
  async encoded() {
    const stats = await this.meeting.producers.get("camera").getStats();
    return [...stats.values()].filter(({ type }) => type === "outbound-rtp").map((layer) => {
      const { rid, framesEncoded, frameWidth, encoderImplementation, pliCount, scalabilityMode } = layer;
      return { rid, framesEncoded, frameWidth, encoderImplementation, pliCount, scalabilityMode, codec: stats.get(layer.codecId)?.mimeType };
    });
  },

  /** Watches the pictures of a user: the longest time without a new one, in ms, since the call. */
  watch(userId) {
    let [last, since, longest] = ["", performance.now(), 0];
    const look = async () => {
      const pictures = (await this.received()).filter((one) => one.userId === userId && one.framesDecoded > 0 && one.kind === "video");
      const seen = pictures.map(({ consumerId, framesDecoded }) => `${consumerId} ${framesDecoded}`).join();
      const now = performance.now();
      longest = Math.max(longest, now - since);
      if (seen && seen !== last) [last, since] = [seen, now];
    };
    const timer = setInterval(look, 50);
    this.gap = () => longest;
    this.unwatch = () => clearInterval(timer);
  },
};
