// What a socket received and nobody has asked for yet. An event can come before or after the test asks for it.

import assert from "node:assert/strict";

import { DEADLINE_MS, within } from "./deadline.mjs";

const boxes = new WeakMap();

class Mailbox {
  letters = [];
  waiting = [];

  put(name, args) {
    const at = this.waiting.findIndex((one) => one.name === name && one.where(...args));
    if (at < 0) this.letters.push({ name, args });
    else this.waiting.splice(at, 1)[0].take(args);
  }

  async take(name, where, ms) {
    const at = this.letters.findIndex((one) => one.name === name && where(...one.args));
    if (at >= 0) return this.letters.splice(at, 1)[0].args;
    const waiter = { name, where };
    const came = new Promise((resolve) => (waiter.take = resolve));
    this.waiting.push(waiter);
    try {
      return await within(came, `event ${name}`, { ms, seen: () => `Came instead: ${this.summary()}` });
    } catch (error) {
      this.waiting = this.waiting.filter((one) => one !== waiter);
      throw error;
    }
  }

  summary() {
    return this.letters.map(({ name, args }) => `${name} ${JSON.stringify(args)?.slice(0, 200)}`).join("; ") || "nothing";
  }
}

/** Opens a mailbox for anything that emits. `listen(put)` has to call `put(name, args)`. */
export function openMailbox(owner, listen) {
  const box = new Mailbox();
  boxes.set(owner, box);
  listen((name, args) => box.put(name, args));
}

const box = (owner) => boxes.get(owner) ?? assert.fail("this socket has no mailbox: make it with connect() or raw()");

/** All arguments of the next `name` that satisfies `where`, taken out of the mailbox. */
export const nextArgs = (socket, name, where = () => true, ms = DEADLINE_MS) => box(socket).take(name, where, ms);

/** The payload of the next `name` that satisfies `where`. */
export const next = async (socket, name, where, ms) => (await nextArgs(socket, name, where, ms))[0];

/** The arguments of each `name` that came and that nobody took, oldest first. */
export const unreadArgs = (socket, name) => box(socket).letters.filter((one) => one.name === name).map((one) => one.args);

/** The same, only the payloads. */
export const unread = (socket, name) => unreadArgs(socket, name).map(([payload]) => payload);

/** The names of all events that came and that nobody took, in order. */
export const unreadNames = (socket) => box(socket).letters.map((one) => one.name);

/** Throws away what came so far. */
export function forget(...sockets) {
  for (const socket of sockets) box(socket).letters.length = 0;
}

/** Asserts that none of `names` came. Only means something after a barrier: see `settle` in room.mjs. */
export function gotNone(socket, ...names) {
  const came = box(socket).letters.filter((one) => names.includes(one.name));
  assert.deepEqual(came, [], `expected none of ${names.join(", ")}`);
}
