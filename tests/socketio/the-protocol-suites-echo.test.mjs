// The WebSocket cases of the public Engine.IO and Socket.IO protocol test suites, in our words, against the echo that they
// expect behind a server (CONFORMANCE=1). Left out: long-polling beyond the upgrade, and binary, which API Gateway's
// WebSocket APIs do not carry; how both are refused is tested with the real application.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { dial, ended, message, opened, refusedStatus } from "../support/raw.mjs";

const PING_INTERVAL_MS = 300;
const PING_TIMEOUT_MS = 200;
const cloud = await localCloud({
  env: {
    CONFORMANCE: "1",
    PING_INTERVAL_MS: String(PING_INTERVAL_MS),
    PING_TIMEOUT_MS: String(PING_TIMEOUT_MS),
    TRACK_GUESTS: "true",
    HEARTBEAT_MS: "50",
  },
});

const isNoPing = (text) => text !== "2";
const afterOpen = () => opened(cloud, undefined, { keep: isNoPing });

async function connected(namespace = "") {
  const { socket } = await afterOpen();
  socket.send(`40${namespace}`);
  assert.match(await message(socket), /^40/);
  assert.match(await message(socket), /^42.*\["auth"/);
  return socket;
}

test("handshake: a session opens", async () => {
  const socket = dial(cloud);
  const packet = await message(socket);
  assert.equal(packet[0], "0");
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ...more } = JSON.parse(packet.slice(1));
  assert.equal(typeof sid, "string");
  assert.deepEqual(upgrades, []);
  assert.deepEqual([pingInterval, pingTimeout], [PING_INTERVAL_MS, PING_TIMEOUT_MS]);
  assert.equal(typeof maxPayload, "number");
  assert.deepEqual(more, {});
});

test("handshake: invalid EIO and transport are refused", async () => {
  for (const query of ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]) {
    assert.equal(await refusedStatus(cloud, query), 400, query);
  }
});

test("heartbeat: pings are answered with pongs", async () => {
  const { socket } = await opened(cloud);
  for (let round = 0; round < 3; round++) {
    assert.equal(await message(socket), "2");
    socket.send("3");
  }
});

test("heartbeat: the session closes upon ping timeout", async () => {
  const { socket } = await opened(cloud);
  await ended(socket);
});

test("close: by a close packet", async () => {
  const { socket } = await afterOpen();
  socket.send("1");
  await ended(socket);
});

test("close: by a packet of an invalid format", async () => {
  const { socket } = await afterOpen();
  socket.send("abc");
  await ended(socket);
});

for (const [namespace, prefix] of [["", "40"], ["/custom", "40/custom,"]]) {
  test(`connect: to ${namespace || "the main namespace"}`, async () => {
    const { socket } = await afterOpen();
    socket.send(`40${namespace && `${namespace},`}`);
    const packet = await message(socket);
    assert.ok(packet.startsWith(prefix), packet);
    assert.deepEqual(Object.keys(JSON.parse(packet.slice(prefix.length))), ["sid"]);
    assert.equal(await message(socket), `42${namespace && `${namespace},`}["auth",{}]`);
  });

  test(`connect: to ${namespace || "the main namespace"} with a payload`, async () => {
    const { socket } = await afterOpen();
    socket.send(`40${namespace && `${namespace},`}{"token":"123"}`);
    assert.ok((await message(socket)).startsWith(prefix));
    assert.equal(await message(socket), `42${namespace && `${namespace},`}["auth",{"token":"123"}]`);
  });
}

test("connect: not to an unknown namespace", async () => {
  const { socket } = await afterOpen();
  socket.send("40/random");
  assert.equal(await message(socket), '44/random,{"message":"Invalid namespace"}');
});

test("connect: not with an invalid handshake", async () => {
  const { socket } = await afterOpen();
  socket.send("4abc");
  await ended(socket);
});

test("disconnect: from the main namespace closes", async () => {
  const socket = await connected();
  socket.send("41");
  await ended(socket);
});

test("disconnect: from a custom namespace keeps the main one", async () => {
  const socket = await connected();
  socket.send("40/custom");
  await message(socket);
  await message(socket);
  socket.send("41/custom");
  socket.send('42["message","message to main namespace"]');
  assert.equal(await message(socket), '42["message-back","message to main namespace"]');
});

test("message: a plain-text packet", async () => {
  const socket = await connected();
  socket.send('42["message",1,"2",{"3":[true]}]');
  assert.equal(await message(socket), '42["message-back",1,"2",{"3":[true]}]');
});

test("message: a plain-text packet with an acknowledgement", async () => {
  const socket = await connected();
  socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  assert.equal(await message(socket), '43456[1,"2",{"3":[false]}]');
});

for (const [why, packet] of [
  ["unknown packet type", "4abc"],
  ["invalid payload format", "42{}"],
  ["invalid acknowledgement id", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
]) {
  test(`message: the connection closes upon ${why}`, async () => {
    const socket = await connected();
    socket.send(packet);
    await ended(socket);
  });
}
