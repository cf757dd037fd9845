// Engine.IO protocol v4 over WebSocket, from its document: handshake, heartbeat, close, upgrade.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { user } from "../support/people.mjs";
import { authenticated, dial, ended, message, opened, refusedStatus } from "../support/raw.mjs";

const PING_INTERVAL_MS = 300;
const PING_TIMEOUT_MS = 200;
const cloud = await localCloud({
  env: {
    PING_INTERVAL_MS: String(PING_INTERVAL_MS),
    PING_TIMEOUT_MS: String(PING_TIMEOUT_MS),
    TRACK_GUESTS: "true",
    HEARTBEAT_MS: "50",
  },
});

test("the open packet has the five keys of the protocol, and nothing to upgrade to", async () => {
  const { handshake } = await opened(cloud);
  assert.deepEqual(Object.keys(handshake).sort(), ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
  assert.equal(typeof handshake.sid, "string");
  assert.deepEqual(handshake.upgrades, []);
  assert.equal(handshake.pingInterval, PING_INTERVAL_MS);
  assert.equal(handshake.pingTimeout, PING_TIMEOUT_MS);
  assert.equal(handshake.maxPayload, 128 * 1024);
});

test("every connection has an id of its own", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => opened(cloud)));
  assert.equal(new Set(all.map(({ handshake }) => handshake.sid)).size, 20);
});

test("an invalid EIO is refused with 400", async () => {
  for (const query of ["transport=websocket", "EIO=abc&transport=websocket", "EIO=3&transport=websocket", "EIO=5&transport=websocket", "EIO=&transport=websocket"]) {
    assert.equal(await refusedStatus(cloud, query), 400, query);
  }
});

test("an invalid transport is refused with 400", async () => {
  for (const query of ["EIO=4", "EIO=4&transport=abc", "EIO=4&transport=", "EIO=4&transport=polling"]) {
    assert.equal(await refusedStatus(cloud, query), 400, query);
  }
});

test("the server pings, and who answers stays", async () => {
  const { socket } = await opened(cloud);
  for (let round = 0; round < 4; round++) {
    assert.equal(await message(socket), "2");
    socket.send("3");
  }
  assert.equal(socket.readyState, socket.OPEN);
});

test("who does not answer is closed", async () => {
  const { socket } = await opened(cloud);
  assert.equal(await message(socket), "2");
  await ended(socket);
});

test("who authenticated and does not answer is closed too", async () => {
  const { socket } = await authenticated(await user(cloud, "ada"));
  assert.equal(await message(socket), "2");
  await ended(socket);
});

test("a close packet closes the connection", async () => {
  const { socket } = await opened(cloud);
  socket.send("1");
  await ended(socket);
});

for (const packet of ["abc", "", "9", "é", " 2"]) {
  test(`an unknown packet closes the connection: ${JSON.stringify(packet)}`, async () => {
    const { socket } = await opened(cloud);
    socket.send(packet);
    await ended(socket);
  });
}

test("a probe is answered in kind", async () => {
  const answer = await fetch(`${cloud.url}/socket.io/?EIO=4&transport=polling`);
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assert.equal(text[0], "0");
  const { sid, upgrades } = JSON.parse(text.slice(1));
  assert.deepEqual(upgrades, ["websocket"]);
  const socket = dial(cloud, `EIO=4&transport=websocket&sid=${sid}`);
  socket.once("open", () => socket.send("2probe"));
  assert.equal(await message(socket, (text) => text !== "2"), "3probe");
  socket.send("5");
});
