import assert from "node:assert/strict";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { within } from "../support/deadline.mjs";
import { forget, gotNone, next } from "../support/mailbox.mjs";
import { client, connect, done, join, user } from "../support/people.mjs";
import { createMeeting } from "../support/rest.mjs";
import { addTab, roomOf, settle } from "../support/room.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");

const upgraded = (socket) =>
  socket.io.engine.transport.name === "websocket"
    ? Promise.resolve()
    : within(new Promise((resolve) => socket.io.engine.once("upgrade", resolve)), "the upgrade to WebSocket");

const ORDERS = [
  ["WebSocket only", { transports: ["websocket"] }],
  ["WebSocket first, as the real front ends set it", { transports: ["websocket", "polling"] }],
  ["the library's defaults: polling first, then an upgrade", { transports: undefined }],
];

for (const [name, options] of ORDERS) {
  test(`${name}: connects, joins and hears of others`, async () => {
    const roomId = await createMeeting(ada);
    const socket = client(ada, options);
    if (!options.transports) socket.io.opts.transports = ["polling", "websocket", "webtransport"];
    socket.connect();
    await next(socket, "connect");
    assert.equal((await join(socket, roomId)).isHost, true);
    await upgraded(socket);
    assert.equal(socket.io.engine.transport.name, "websocket");
    const other = await connect(await user(cloud, "bo"));
    await join(other, roomId);
    await next(socket, "participant-joined");
    await done(socket, "leave-room", roomId);
  });
}

test("a client that upgraded takes part like any other", async () => {
  const room = await roomOf(cloud, "ada", "bo");
  const { roomId, ada, bo } = room;
  const second = await addTab(room, bo, { transports: ["polling", "websocket"] });
  await upgraded(second);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  assert.deepEqual(await next(second, "host-granted"), { by: "Ada" });
  await settle(room);
  gotNone(second, "host-granted");
  forget(second);
  second.io.engine.close();
  await next(second, "disconnect");
  await next(second, "connect");
  assert.equal(second.recovered, true);
});

test("a token that is refused is refused over polling too", async () => {
  const socket = client(ada, { transports: ["polling", "websocket"], auth: { token: "garbage" }, reconnection: false });
  socket.connect();
  assert.equal(typeof (await next(socket, "connect_error")).data.code, "string");
  assert.equal(socket.connected, false);
});
