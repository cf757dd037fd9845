// Participants with a real browser each: a page of the tests with stock mediasoup-client, and devices that are not there.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { browser } from "./browser.mjs";
import { until } from "./deadline.mjs";

const FOLDER = fileURLToPath(new URL("../browser/media/page/", import.meta.url));

/** Cameras and microphones are Chromium's own: a moving clock, and beeps. */
const DEVICES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
];

/** How long the first picture may take, on a machine that is busy. */
export const PICTURE_MS = 30_000;

/** Serves the page on an origin of its own, as a front end has. */
async function site() {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}page.js`],
    bundle: true,
    format: "iife",
    write: false,
    define: { global: "globalThis" },
  });
  const script = outputFiles[0].text;
  const page = readFileSync(`${FOLDER}index.html`, "utf8");
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** `participant(cloud, roomId, name, options)` opens the page of somebody and joins; options are those of `page.join`. */
export async function participants() {
  const [chrome, origin] = await Promise.all([browser({ args: DEVICES }), site()]);
  return async (cloud, roomId, name, options = {}) => {
    const page = await chrome.page();
    const someone = new Participant(page, name, `${origin}/?${new URLSearchParams({ cloud: cloud.url, user: name, room: roomId })}`);
    await someone.open(options);
    return someone;
  };
}

class Participant {
  constructor(page, name, address) {
    Object.assign(this, { page, name, address });
  }

  /** Loads the page and joins. Again: a reload. */
  async open(options = {}) {
    await this.page.goto(this.address);
    Object.assign(this, await this.page.evaluate((options) => window.page.join(options), options));
  }

  received() {
    return this.page.evaluate(() => window.page.received());
  }

  /** What arrives from somebody: `source` is microphone, camera or screen. */
  async from(person, source) {
    const streams = await this.received();
    return streams.find(
      ({ userId, kind, isScreenShare }) =>
        userId === person.userId &&
        isScreenShare === (source === "screen") &&
        kind === (source === "microphone" ? "audio" : "video"),
    );
  }

  /** Waits until this arrives from somebody, decoded. Gives what has arrived then. */
  async receives(person, source, { ms = PICTURE_MS, more = 5 } = {}) {
    const before = await this.from(person, source);
    let now;
    const grows = async () => {
      now = await this.from(person, source);
      if (!now) return false;
      const since = now.consumerId === before?.consumerId ? before : { packetsReceived: 0, framesDecoded: 0, totalAudioEnergy: 0 };
      if (now.packetsReceived < since.packetsReceived + more) return false;
      return source === "microphone"
        ? now.totalAudioEnergy > since.totalAudioEnergy
        : now.framesDecoded >= since.framesDecoded + more;
    };
    try {
      await until(grows, `${source} of ${person.name} at ${this.name}`, { ms });
    } catch (error) {
      const failed = await this.page.evaluate(() => window.page.meeting.failed);
      throw new Error(`${error.message}\nnow ${JSON.stringify(now)}\nfailed ${JSON.stringify(failed)}\n${this.page.problems}`);
    }
    return now;
  }

  /** Waits until nothing of the kind is there any more. */
  async loses(person, source) {
    await until(async () => !(await this.from(person, source)), `end of the ${source} of ${person.name} at ${this.name}`);
  }

  /** Sends an event of the contract and gives the acknowledgement. */
  ask(event, payload) {
    return this.page.evaluate(([event, payload]) => window.page.meeting.ask(event, payload), [event, payload]);
  }

  /** The payloads of what was heard under this name. */
  async heard(name) {
    const heard = await this.page.evaluate(() => window.page.heard);
    return heard.filter((event) => event.name === name).map(({ payload }) => payload);
  }

  /** The tiles on the page: whose, and of what. */
  async tiles() {
    const tiles = await this.page.$$eval("#tiles > *", (media) => media.map(({ dataset }) => ({ ...dataset })));
    return tiles.map(({ user, source }) => `${user} ${source}`).sort();
  }

  unharmed() {
    assert.deepEqual(this.page.problems, []);
  }
}

/** Everybody sees and hears everybody else. */
export async function allReceiveAll(people) {
  await Promise.all(
    people.flatMap((one) =>
      people.filter((other) => other !== one).flatMap((other) => [one.receives(other, "camera"), one.receives(other, "microphone")]),
    ),
  );
}
