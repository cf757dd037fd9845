// Users, their tokens and their stock Socket.IO clients.

import assert from "node:assert/strict";
import { after } from "node:test";

import { io } from "socket.io-client";

import { DEADLINE_MS, within } from "./deadline.mjs";
import { listenIn } from "./described.mjs";
import { openMailbox } from "./mailbox.mjs";

// Built in, so `onAny` does not show them.
const BUILT_IN = ["connect", "disconnect", "connect_error"];

const open = new Set();
after(() => open.forEach((socket) => socket.disconnect()));

/** Somebody known to the identity provider: `{ cloud, user, name, userId }`. The name is shown to others. */
export async function user(cloud, name, claims = {}) {
  const person = { cloud, user: name, name: name[0].toUpperCase() + name.slice(1), claims };
  const { userId } = await session(person);
  return { ...person, userId };
}

/** A fresh session token of a person. They live for a minute, so ask each time. */
export const token = async (person, claims) => (await session(person, claims)).token;

function session({ cloud, user, name, claims }, more = {}) {
  return cloud.tool(`/_local/token?${new URLSearchParams({ user, name, ...claims, ...more })}`);
}

/**
 * A stock client that is not connected yet. It asks for a fresh token at each attempt, as a front end does.
 * Each has its own connection, unlike the tabs of one page.
 */
export function client(person, options = {}) {
  const socket = io(person.cloud.url + (options.namespace ?? ""), {
    forceNew: true,
    transports: ["websocket"],
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    auth: (give) => token(person).then((token) => give({ token }), (error) => give({ failed: String(error) })),
    ...options,
    autoConnect: false,
  });
  openMailbox(socket, (put) => {
    socket.onAny((name, ...args) => put(name, args));
    for (const name of BUILT_IN) socket.on(name, (...args) => put(name, args));
  });
  listenIn(socket);
  open.add(socket);
  return socket;
}

/** A connected stock client of a person. */
export async function connect(person, options) {
  const socket = client(person, options);
  const connected = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  socket.connect();
  await within(connected, `connection of ${person.user}`);
  return socket;
}

/** Why a client is refused: the argument of its `connect_error`. Fails if it connects. */
export async function refusal(person, options) {
  const socket = client(person, { reconnection: false, ...options });
  const outcome = new Promise((resolve, reject) => {
    socket.once("connect_error", resolve);
    socket.once("connect", () => reject(new Error("connected, but should have been refused")));
  });
  socket.connect();
  try {
    return await within(outcome, "connect_error");
  } finally {
    socket.disconnect();
  }
}

/** Emits and gives the acknowledgement. */
export const ask = (socket, event, ...args) => socket.timeout(DEADLINE_MS).emitWithAck(event, ...args);

/** Emits, and asserts that it was acknowledged with `{success: true}`. */
export async function done(socket, event, ...args) {
  const answer = await ask(socket, event, ...args);
  assert.equal(answer?.success, true, `${event} ${JSON.stringify(args)}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Joins a room. Gives the acknowledgement. */
export const join = (socket, roomId, more = {}) => done(socket, "join-room", { roomId, ...more });
