// Holds what goes over the sockets of every scenario to the description that is served at /api/asyncapi.json: what is heard, what
// is acknowledged, and what was accepted.

import { readFileSync } from "node:fs";

import Ajv from "ajv/dist/2020.js";

/** The description. A scenario holds what is served to this file, and a Rust test this file to the code. */
export const DESCRIPTION = JSON.parse(readFileSync(new URL("../../functions/meetings/src/asyncapi.json", import.meta.url)));

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(DESCRIPTION, "description");

const validators = new Map();
/** The validator of a message; undefined where it is not described. */
function validatorOf(message) {
  if (!(message in DESCRIPTION.components.messages)) return undefined;
  if (!validators.has(message)) {
    validators.set(message, ajv.compile({ $ref: `description#/components/messages/${message}/payload` }));
  }
  return validators.get(message);
}

/** Why `payload` is not as described; undefined if it is. */
export function complaint(message, payload) {
  const validate = validatorOf(message);
  if (!validate) return `${message} is not described`;
  if (validate(payload)) return undefined;
  return `${message} ${JSON.stringify(payload)?.slice(0, 500)}: ${ajv.errorsText(validate.errors, { dataVar: "payload" })}`;
}

/** Events may end with the version of the meeting, and before it with the place of a page. */
function isMore([...more]) {
  if (typeof more.at(-1) === "string" && /^\d+$/.test(more.at(-1))) more.pop();
  return more.length === 0 || (more.length === 1 && ["page", "pages", "total"].every((member) => Number.isInteger(more[0]?.[member])));
}

// Said at the end of the file, which fails then: a listener would throw in the middle of somebody else's code, or when its test
// is over, and a hook that throws keeps the hooks after it from stopping the cloud.
const wrong = new Set();
process.once("exit", () => {
  if (wrong.size === 0) return;
  console.error(`Not as /api/asyncapi.json has it:\n${[...wrong].slice(0, 5).join("\n")}`);
  process.exitCode = 1;
});

const isHeard = (name) => DESCRIPTION.operations[name]?.action === "send";

const EVENT = "2";
const ACKNOWLEDGEMENT = "3";
// Socket.IO protocol v5: type, namespace, acknowledgement id, JSON. Other namespaces than the main one are not ours.
const PACKET = /^([0-6])(\d*)(\[.*)$/s;

/** Listens in on one connection. `tell` is told why something is not as described; if it is not given, the test file fails. */
export class Wire {
  #asked = new Map();
  #wrong;

  constructor(tell = (why) => wrong.add(why)) {
    this.#wrong = (why) => why && tell(why);
  }

  /** A packet of Socket.IO that the client sent. */
  sent(text) {
    const [, type, id, json] = PACKET.exec(text) ?? [];
    if (type === EVENT && id) this.#asked.set(id, JSON.parse(json));
  }

  /** A packet of Socket.IO that came from the server. */
  received(text) {
    const [, type, id, json] = PACKET.exec(text) ?? [];
    if (type === EVENT) this.#heard(...JSON.parse(json));
    if (type === ACKNOWLEDGEMENT) this.#acknowledged(this.#asked.get(id), JSON.parse(json)[0]);
  }

  #heard(name, payload, ...more) {
    if (!isHeard(name)) return this.#wrong(`${name} is not described as an event of the server`);
    this.#wrong(complaint(name, payload));
    if (!isMore(more)) this.#wrong(`${name} came with ${JSON.stringify(more)}`);
  }

  #acknowledged(asked, answer) {
    if (asked === undefined) return;
    const [name, payload] = asked;
    if (answer?.error !== undefined) return this.#wrong(complaint("refused", answer));
    this.#wrong(complaint(`${name}.acknowledged`, answer));
    const why = complaint(name, payload);
    this.#wrong(why && `accepted, but not as described: ${why}`);
  }
}

/** Listens in on a stock client, through all its connections. */
export function listenIn(socket) {
  socket.io.on("open", () => {
    const wire = new Wire();
    const { engine } = socket.io;
    engine.on("packetCreate", ({ type, data }) => type === "message" && wire.sent(data));
    engine.on("packet", ({ type, data }) => type === "message" && wire.received(data));
  });
}

/** Listens in on the sockets of a page. */
export function listenInOn(page) {
  page.on("websocket", (socket) => {
    if (!new URL(socket.url()).pathname.startsWith("/socket.io/")) return;
    const wire = new Wire();
    const message = (payload) => (typeof payload === "string" && payload.startsWith("4") ? payload.slice(1) : "");
    socket.on("framesent", ({ payload }) => wire.sent(message(payload)));
    socket.on("framereceived", ({ payload }) => wire.received(message(payload)));
  });
}
