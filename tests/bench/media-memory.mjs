// What transports and consumers take in the media node, for `make bench-media`.

import { cloudWithNode, consume, join, offer, produce, rssKb, subscribe } from "./media-people.mjs";
import { members } from "./people.mjs";
import { loadTool } from "./processes.mjs";

const FAST = process.env.FAST === "1";
const GIVEN_BACK_MS = 3000;

/** What a connected transport and a consumer take, with nothing flowing: the first consumer comes with its transport, the others after it. */
export async function memory() {
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
