import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { next, unread } from "../support/mailbox.mjs";
import { connect, done, join, user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { authenticated, ended, message, messageOrEnd } from "../support/raw.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");
const roomId = await createMeeting(ada);
const host = await connect(ada);
await join(host, roomId);

// Whatever a test sent: the cloud runs, those who were there are still there, and a new one can come.
afterEach(async () => {
  assert.ok(cloud.runs, cloud.tail());
  const guest = await connect(await user(cloud, "guest"));
  await join(guest, roomId);
  const { id } = await next(host, "participant-joined");
  await done(host, "make-cohost", { roomId, participantId: id });
  await done(host, "remove-cohost", { roomId, participantId: id });
  guest.disconnect();
  await next(host, "participant-left");
  assert.deepEqual(cloud.lines("panicked"), []);
});

const MALFORMED = {
  "not JSON": '42["join-room",{]',
  "cut off": '42["join-room",{"roomId":"',
  "an object for an event": '42{"event":"join-room"}',
  "a number for an event": "42[7]",
  "an empty array": "42[]",
  "no payload": "42",
  "a bare string": '42"join-room"',
  "an ack id that is no number": '42abc["join-room","r"]',
  "an ack id beyond all numbers": `42${"9".repeat(400)}["join-room","r"]`,
  "trailing text": '42["join-room","r"]]',
  "a reserved name": '42["disconnect","r"]',
  "an unknown packet type": "49[]",
  "letters for a packet": "4abc",
  "a lone surrogate": '42["join-room","\\ud800"]',
  "not a number": '42["join-room",NaN]',
};

for (const [name, packet] of Object.entries(MALFORMED)) {
  test(`${name}: the connection is closed, or answered with an error`, async () => {
    const { socket } = await authenticated(ada);
    socket.send(packet);
    const { message: answer, code } = await messageOrEnd(socket);
    if (code === undefined) assert.match(answer, /^42\["error",\{.*"code":/, packet);
  });
}

for (const depth of [200, 10_000, 40_000]) {
  test(`arrays nested ${depth} deep`, async () => {
    const { socket } = await authenticated(ada);
    // One frame of API Gateway holds 32 KB; more has to come in several.
    sendInFrames(socket, `42["update-my-state",${"[".repeat(depth)}${"]".repeat(depth)}]`);
    const { message: answer, code } = await messageOrEnd(socket);
    if (code === undefined) assert.match(answer, /^42\["error"/);
  });
}

test("objects nested 10,000 deep", async () => {
  const { socket } = await authenticated(ada);
  sendInFrames(socket, `42["update-my-state",${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}]`);
  const { message: answer, code } = await messageOrEnd(socket);
  if (code === undefined) assert.match(answer, /^42\["error"/);
});

test("a message of 200 KB is closed with 1009", async () => {
  const { socket } = await authenticated(ada);
  sendInFrames(socket, `42["set-user-id","${"x".repeat(200 * 1024)}"]`);
  assert.equal((await ended(socket)).code, 1009);
});

test("a frame beyond 32 KB is closed with 1009", async () => {
  const { socket } = await authenticated(ada);
  socket.send(`42["set-user-id","${"x".repeat(40 * 1024)}"]`);
  assert.equal((await ended(socket)).code, 1009);
});

test("a message of 100 KB in frames of 32 KB is read", async () => {
  const { socket } = await authenticated(ada);
  sendInFrames(socket, `421["no-such-event","${"x".repeat(100 * 1024)}"]`);
  assert.match(await message(socket, (text) => text.startsWith("431")), /unknown-event/);
});

test("a binary frame is closed with 1003", async () => {
  const { socket } = await authenticated(ada);
  socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await ended(socket)).code, 1003);
});

for (const packet of [
  '451-["update-my-state",{"_placeholder":true,"num":0}]',
  '461-7[{"_placeholder":true,"num":0}]',
  '450-["update-my-state"]',
]) {
  test(`a binary packet is answered with binary-unsupported: ${packet}`, async () => {
    const { socket } = await authenticated(ada);
    socket.send(packet);
    const [name, payload] = JSON.parse((await message(socket)).slice(2));
    assert.equal(name, "error");
    assert.equal(payload.code, "binary-unsupported");
  });
}

test("a stock client that sends a buffer is cut off by its binary frame, if the answer to the text before is not quicker", async () => {
  const socket = await connect(ada, { reconnection: false });
  socket.emit("update-my-state", { roomId, image: Buffer.from("picture") });
  await next(socket, "disconnect");
  for (const { code } of unread(socket, "error")) assert.equal(code, "binary-unsupported");
});

test("strange strings in every place where a string may be", async () => {
  const strings = ["", " ", "\u0000", "\u202e", "💥".repeat(500), "../../etc", "#", "a#b", "%00", "__proto__", "x".repeat(9_000)];
  const socket = await connect(await user(cloud, "mallory"));
  for (const text of strings) {
    for (const payload of [text, { roomId: text }, { roomId, participantId: text }, { roomId: text, userName: text, userImageUrl: text }]) {
      for (const event of ["join-room", "leave-room", "make-host", "update-my-state"]) {
        if (event === "join-room" && payload?.roomId === roomId) continue;
        const answer = await socket.timeout(10_000).emitWithAck(event, payload);
        assert.equal(typeof answer, "object", `${event} ${JSON.stringify(payload)}`);
      }
    }
    if (text !== "" && text.length < 100) assert.equal((await socket.timeout(10_000).emitWithAck(text)).code, "unknown-event");
  }
});

test("names that are code or markup are only text", async () => {
  const name = `<script>alert(1)</script> "; drop --`;
  const person = { ...(await user(cloud, "markup")), name, claims: { name } };
  const socket = await connect(person);
  await join(socket, roomId, { userName: "x" });
  const joined = await next(host, "participant-joined");
  assert.equal(joined.name, name);
  socket.disconnect();
  await next(host, "participant-left");
});

/** Sends one text message in frames of at most 32 KB, as API Gateway wants it. */
function sendInFrames(socket, text) {
  const size = 32 * 1024;
  for (let at = 0; at < text.length; at += size) {
    socket.send(text.slice(at, at + size), { fin: at + size >= text.length, binary: false });
  }
}
