// A room with people in it, and the barrier that proves that an event did not come.

import assert from "node:assert/strict";

import { forget, next, nextArgs, unreadArgs } from "./mailbox.mjs";
import { ask, connect, join, user } from "./people.mjs";
import { createMeeting } from "./rest.mjs";

/**
 * A meeting created by the first of `names`, with a socket of each of them in its room and every mailbox empty:
 * `{ roomId, ada: person & { socket }, … }`. Name somebody twice for two tabs: the second socket is `ada.tabs[1]`.
 */
export async function roomOf(cloud, ...names) {
  const people = {};
  for (const name of new Set(names)) people[name] = { ...(await user(cloud, name)), tabs: [] };
  const roomId = await createMeeting(people[names[0]]);
  const room = { roomId, people: Object.values(people), ...people };
  for (const name of names) await addTab(room, people[name]);
  await settle(room);
  forget(...sockets(room));
  return room;
}

/** One more connection of `person` in the room. Gives its socket. */
export async function addTab(room, person, options) {
  const socket = await connect(person, options);
  person.tabs.push(socket);
  person.socket ??= socket;
  await join(socket, room.roomId);
  return socket;
}

/** Every socket of the room, or those of everybody but `person`. */
export const sockets = (room, { but } = {}) =>
  room.people.filter((person) => person !== but).flatMap((person) => person.tabs);

// The meeting's version that a socket has been told of by `nextChange`.
const told = new WeakMap();
const versionOf = ([, version]) => Number(version);
const toldBefore = (socket) => told.get(socket) ?? 1;

/**
 * The next `participant-updated` that is news. Delivery is at least once: a change may be told again, under its own version,
 * and a change that comes before the one before it has been told to all may be told as the whole role, with both booleans.
 * Where just what changed is asserted, let the functions be quiet in between.
 */
export async function nextChange(socket) {
  const args = await nextArgs(socket, "participant-updated", (...args) => versionOf(args) > toldBefore(socket));
  told.set(socket, versionOf(args));
  return args[0];
}

/** Asserts that no socket was told a change that `nextChange` has not given. After a barrier. */
export function assertNoChange(...sockets) {
  for (const socket of sockets) {
    const news = unreadArgs(socket, "participant-updated").filter((args) => versionOf(args) > toldBefore(socket));
    assert.deepEqual(news, []);
  }
}

/**
 * A barrier: when it returns, everything that the room was told before has arrived at every socket.
 *
 * Two people each switch their camera once or twice, and everybody else waits to hear of it. Nothing in a cloud of
 * functions orders two fan-outs strictly, so it goes round twice; a message that was sent by mistake
 * belongs to a fan-out that began before, and is there by then.
 */
export async function settle(room) {
  const markers = room.people.filter((person) => person.tabs.some((tab) => tab.connected)).slice(0, 2);
  for (let round = 0; round < 2; round++) {
    for (const marker of markers) await signal(room, marker);
    for (const socket of sockets(room)) {
      if (socket.connected) await ask(socket, "get-socket-id-for-user", { userId: room.people[0].userId });
    }
  }
}

async function signal(room, marker) {
  marker.cameraOff = !(marker.cameraOff ?? true);
  const told = sockets(room, { but: marker })
    .filter((socket) => socket.connected)
    .map((socket) =>
      next(
        socket,
        "participant-state-changed",
        ({ userId, isVideoPaused }) => userId === marker.userId && isVideoPaused === marker.cameraOff,
      ),
    );
  const { roomId } = room;
  marker.tabs.find((tab) => tab.connected).emit("update-my-state", { roomId, isVideoPaused: marker.cameraOff });
  await Promise.all(told);
}
