// Socket.IO protocol v5, from its document: CONNECT, CONNECT_ERROR, EVENT, ACK, DISCONNECT.

import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { connect, token, user } from "../support/people.mjs";
import { next } from "../support/mailbox.mjs";
import { authenticated, ended, message, opened } from "../support/raw.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");

test("CONNECT to the main namespace is answered with a socket id, which is not the Engine.IO id", async () => {
  const { socket, handshake } = await opened(cloud);
  socket.send(`40${JSON.stringify({ token: await token(ada) })}`);
  const packet = await message(socket);
  assert.match(packet, /^40\{/);
  const { sid, pid, ...more } = JSON.parse(packet.slice(2));
  assert.deepEqual(more, {});
  assert.equal(typeof sid, "string");
  assert.equal(typeof pid, "string");
  assert.notEqual(sid, handshake.sid);
  assert.notEqual(sid, pid);
});

test("CONNECT without a payload is a CONNECT_ERROR with a code", async () => {
  const { socket } = await opened(cloud);
  socket.send("40");
  const packet = await message(socket);
  assert.match(packet, /^44\{/);
  const { message: sentence, data } = JSON.parse(packet.slice(2));
  assert.equal(typeof sentence, "string");
  assert.equal(typeof data.code, "string");
});

test("CONNECT to an unknown namespace is a CONNECT_ERROR in that namespace", async () => {
  const { socket } = await opened(cloud);
  socket.send("40/random");
  assert.equal(await message(socket), '44/random,{"message":"Invalid namespace"}');
  socket.send(`40/custom,${JSON.stringify({ token: await token(ada) })}`);
  assert.equal(await message(socket), '44/custom,{"message":"Invalid namespace"}');
});

test("an EVENT with an id is answered by an ACK with that id", async () => {
  const { socket } = await authenticated(ada);
  for (const id of [0, 456, 4294967295]) {
    socket.send(`42${id}["set-user-id","user_x"]`);
    assert.match(await message(socket), new RegExp(`^43${id}\\[`));
  }
});

test("several EVENTs at once are all answered, each under its id", async () => {
  const { socket } = await authenticated(ada);
  const ids = Array.from({ length: 20 }, (_, id) => id);
  for (const id of ids) socket.send(`42${id}["set-user-id","user_x"]`);
  const answered = [];
  for (const _ of ids) answered.push(Number(/^43(\d+)\[/.exec(await message(socket))[1]));
  assert.deepEqual(answered.sort((a, b) => a - b), ids);
});

test("DISCONNECT ends the connection", async () => {
  const { socket } = await authenticated(ada);
  socket.send("41");
  await ended(socket);
});

for (const packet of ["4abc", "42{}", '42abc["join-room",{"roomId":"r"}]', "42", "42[", "47", "4"]) {
  test(`an invalid packet closes the connection: ${packet}`, async () => {
    const { socket } = await authenticated(ada);
    socket.send(packet);
    await ended(socket);
  });
}

test("a packet that is invalid before CONNECT closes the connection", async () => {
  for (const packet of ["4abc", "42{}", "43[]", "41"]) {
    const { socket } = await opened(cloud);
    socket.send(packet);
    await ended(socket);
  }
});

test("a second CONNECT to the same namespace gives no second identity", async () => {
  const { socket, sid } = await authenticated(ada);
  socket.send(`40${JSON.stringify({ token: await token(await user(cloud, "bo")) })}`);
  socket.send('421["join-room",{"roomId":"nowhere"}]');
  const answer = await Promise.race([
    message(socket).then((text) => ({ text })),
    ended(socket).then(() => ({ text: "closed" })),
  ]);
  assert.equal(answer.text.startsWith("40") && !answer.text.includes(sid), false, answer.text);
});

test("an acknowledgement that nobody asked for is harmless", async () => {
  const { socket } = await authenticated(ada);
  socket.send('4399["x"]');
  socket.send('421["set-user-id","user_x"]');
  assert.match(await message(socket), /^431\[/);
});

test("emit with several arguments and none is read as the protocol says", async () => {
  const socket = await connect(ada);
  socket.emit("no-such-event", 1, "2", { 3: [true] }, null);
  assert.equal((await next(socket, "error")).event, "no-such-event");
  socket.emit("join-room");
  assert.equal((await next(socket, "error")).code, "invalid-payload");
});
