// A small reference client of Dais' media for stock mediasoup-client and socket.io-client. It takes the steps that the real front ends
// take, in their order, and two more: it goes on when one producer cannot be consumed, and makes everything anew when the
// room gets another media node.

import { Device } from "mediasoup-client";

const ANSWER_MS = 15_000;
const TRIES_MS = 200;

export class Meeting extends EventTarget {
  /**
   * `socket` is connected. `codec`: the MIME type that the camera is sent in; absent: the first that both sides know. `unknown`: MIME types
   * that this client says it cannot receive. `outgoing(kind, rtpParameters)` gives what the node is told of what is sent.
   */
  constructor(socket, roomId, { userId, encodings, codec, unknown = [], outgoing = (_, sent) => sent } = {}) {
    super();
    Object.assign(this, { socket, roomId, userId, encodings, codec, unknown, outgoing });
    this.sources = {};
    this.consumers = new Map(); // by producer id
    this.producers = new Map(); // by source
    this.failed = [];
  }

  async ask(event, payload = {}) {
    const answer = await this.socket.timeout(ANSWER_MS).emitWithAck(event, { roomId: this.roomId, ...payload });
    if (answer?.error) throw Object.assign(new Error(`${event}: ${answer.error}`), { code: answer.code });
    return answer;
  }

  /** `sources`: what is published, `{ microphone?, camera?, screen? }`, as MediaStreamTracks. */
  async start(sources = {}) {
    this.sources = { ...sources };
    this.socket.emit("set-user-id", this.userId);
    const { rtpCapabilities } = await this.ask("get-rtp-capabilities");
    this.device = new Device();
    await this.device.load({ routerRtpCapabilities: rtpCapabilities });
    this.socket.on("media-node-changed", () => this.rebuild());
    this.socket.on("producer-closed", ({ producerId }) => this.drop(producerId));
    await this.enter();
  }

  /** Joins, and makes transports, consumers and producers. */
  async enter() {
    this.socket.off("new-producer", this.onNewProducer);
    this.joined = await this.ask("join-mediasoup-room", {
      rtpCapabilities: this.receivable(),
      userId: this.userId,
      userName: this.userId,
      isCreator: false,
    });
    this.send = await this.transport("send");
    this.recv = await this.transport("recv");
    for (const producer of this.joined.existingProducers) await this.consumeIfThere(producer);
    // Only now, as the real front ends do: what began meanwhile is announced again.
    this.onNewProducer = (producer) => this.consumeIfThere(producer);
    this.socket.on("new-producer", this.onNewProducer);
    for (const source of ["microphone", "camera", "screen"]) if (this.sources[source]) await this.publish(source);
  }

  async transport(direction) {
    const { params } = await this.ask("create-webrtc-transport", { direction });
    const transport =
      direction === "send" ? this.device.createSendTransport(params) : this.device.createRecvTransport(params);
    transport.on("connect", ({ dtlsParameters }, done, failed) => {
      this.ask("connect-transport", { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on("produce", ({ kind, rtpParameters, appData }, done, failed) => {
      this.ask("produce", { transportId: transport.id, kind, rtpParameters: this.outgoing(kind, rtpParameters), appData }).then(done, failed);
    });
    return transport;
  }

  async publish(source, track = this.sources[source]) {
    this.sources[source] = track;
    const isCamera = source === "camera";
    const producer = await this.send.produce({
      track,
      stopTracks: false,
      encodings: isCamera ? this.encodings : undefined,
      codec: isCamera && this.codec ? this.known(this.codec) : undefined,
      appData: { share: source === "screen" },
    });
    this.producers.set(source, producer);
    if (source === "screen") this.socket.emit("screen-share-started", { roomId: this.roomId, producerId: producer.id });
    return producer.id;
  }

  receivable() {
    const { codecs, ...rest } = this.device.rtpCapabilities;
    return { ...rest, codecs: codecs.filter(({ mimeType }) => !this.unknown.includes(mimeType)) };
  }

  /** A codec that both sides know, by its MIME type. */
  known(mimeType) {
    const codec = this.device.rtpCapabilities.codecs.find((codec) => codec.mimeType === mimeType);
    if (!codec) throw new Error(`this browser and the router do not both know ${mimeType}`);
    return codec;
  }

  async unpublish(source) {
    const producer = this.producers.get(source);
    delete this.sources[source];
    this.producers.delete(source);
    producer.close();
    await this.ask(source === "screen" ? "screen-share-stopped" : "close-producer", { producerId: producer.id });
  }

  /** A producer may go while it is consumed: then there is nothing to do. */
  async consumeIfThere(info) {
    if (this.consumers.has(info.producerId)) return;
    this.consumers.set(info.producerId, undefined);
    try {
      const answer = await this.ask("consume", { producerId: info.producerId, rtpCapabilities: this.receivable() });
      const { id, producerId, kind, rtpParameters } = answer;
      const consumer = await this.recv.consume({ id, producerId, kind, rtpParameters });
      this.socket.emit("resume-consumer", { roomId: this.roomId, consumerId: id });
      this.consumers.set(producerId, { consumer, info: answer });
      this.dispatchEvent(new CustomEvent("stream", { detail: { consumer, info: answer } }));
    } catch (error) {
      this.consumers.delete(info.producerId);
      this.failed.push(String(error));
    }
  }

  drop(producerId) {
    const entry = this.consumers.get(producerId);
    this.consumers.delete(producerId);
    entry?.consumer.close();
    this.dispatchEvent(new CustomEvent("end", { detail: { producerId } }));
  }

  /** The room has another media node: all that was on the old one is gone. */
  rebuild() {
    this.wanted = (this.wanted ?? 0) + 1;
    this.rebuilding ??= this.rebuildUntilDone().finally(() => (this.rebuilding = undefined));
    return this.rebuilding;
  }

  async rebuildUntilDone() {
    for (;;) {
      const wanted = this.wanted;
      this.send?.close();
      this.recv?.close();
      for (const producerId of [...this.consumers.keys()]) this.drop(producerId);
      this.producers.clear();
      try {
        await this.enter();
        if (wanted === this.wanted) return;
      } catch (error) {
        this.failed.push(String(error));
        await new Promise((resolve) => setTimeout(resolve, TRIES_MS));
      }
    }
  }

  stop() {
    this.send?.close();
    this.recv?.close();
    this.socket.disconnect();
  }
}
