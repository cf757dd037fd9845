// A bare WebSocket, for what a well-behaved client never sends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after } from "node:test";

import WebSocket from "ws";

import { DEADLINE_MS, within } from "./deadline.mjs";
import { openMailbox, next } from "./mailbox.mjs";
import { token } from "./people.mjs";

const open = new Set();
after(() => open.forEach((socket) => socket.terminate()));

/**
 * A WebSocket to /socket.io/, before it is open. `query` replaces the usual EIO=4&transport=websocket.
 * Its mailbox takes only messages that `keep` wants; everything else in `options` is for the WebSocket.
 */
export function dial(cloud, query = "EIO=4&transport=websocket", { keep = () => true, ...options } = {}) {
  const address = `${cloud.url.replace("http", "ws")}/socket.io/?${query}`;
  const socket = new WebSocket(address, { perMessageDeflate: false, ...options });
  socket.ended = new Promise((resolve) => socket.once("close", (code, reason) => resolve({ code, reason: `${reason}` })));
  openMailbox(socket, (put) =>
    socket.on("message", (data, isBinary) => {
      const content = isBinary ? data : `${data}`;
      if (keep(content)) put("message", [content]);
    }),
  );
  socket.on("error", () => {}); // `ended` tells it.
  open.add(socket);
  return socket;
}

/** The HTTP status with which a WebSocket is refused. Fails if it opens. */
export function refusedStatus(cloud, query, options) {
  const socket = dial(cloud, query, options);
  const outcome = new Promise((resolve, reject) => {
    socket.once("unexpected-response", (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.once("open", () => reject(new Error("opened, but should have been refused")));
  });
  return within(outcome, "a refused handshake");
}

/** An open WebSocket and the handshake of its open packet: `{ socket, handshake }`. */
export async function opened(cloud, query, options) {
  const socket = dial(cloud, query, options);
  await within(once(socket, "open"), "an open WebSocket");
  const packet = await message(socket);
  assert.equal(packet[0], "0", `the first message is the open packet, not ${packet}`);
  return { socket, handshake: JSON.parse(packet.slice(1)) };
}

/** A WebSocket on which `person` has connected to the main namespace: `{ socket, sid, pid }`. */
export async function authenticated(person, options) {
  const { socket } = await opened(person.cloud, undefined, options);
  socket.send(`40${JSON.stringify({ token: await token(person) })}`);
  let packet = await message(socket);
  // Where pings come fast and the machine is slow, one may be first.
  for (; packet === "2"; packet = await message(socket)) socket.send("3");
  assert.match(packet, /^40\{/, "the answer to CONNECT");
  return { socket, ...JSON.parse(packet.slice(2)) };
}

/** The next text message that satisfies `where`. */
export const message = (socket, where, ms) => next(socket, "message", where, ms);

/** How the connection ended: `{ code, reason }`. */
export const ended = (socket, ms = DEADLINE_MS) => within(socket.ended, "the end of the connection", { ms });

/** Which comes first: a message (`{ message }`) or the end of the connection (`{ code }`). */
export const messageOrEnd = (socket) =>
  Promise.race([next(socket, "message").then((message) => ({ message })), socket.ended]);
