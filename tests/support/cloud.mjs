// Starts the local cloud as `make run` does, on a free port and with nothing kept, and stops it after the file's tests.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { DEADLINE_MS, until, within } from "./deadline.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function binary() {
  if (process.env.DAIS_LOCAL) return process.env.DAIS_LOCAL;
  const built = ["target/local/dais-local", "target/debug/dais-local"].map((path) => ROOT + path).filter(existsSync);
  built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return built[0] ?? assert.fail("dais-local is not built: run `make build`, or say where it is with DAIS_LOCAL");
}

/** The local cloud for one test file. Without media nodes, unless `env.NODES` says how many. */
export async function localCloud(options) {
  const cloud = await startCloud(options);
  after(() => cloud.stop());
  return cloud;
}

/** A local cloud that the caller stops. `env` overrides its environment, `args` are its arguments. */
export async function startCloud({ env = {}, args = [] } = {}) {
  const child = spawn(binary(), args, {
    cwd: ROOT,
    env: { ...process.env, PORT: "0", MEMORY: "1", NODES: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      process.removeListener("exit", kill);
      resolve({ code, signal });
    });
  });

  const cloud = new LocalCloud(child, exited);
  const ready = new Promise((resolve, reject) => {
    child.once("error", reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      cloud.heard(line);
      const address = /^ready (http:\/\/\S+)$/.exec(line)?.[1];
      if (address) resolve(address);
    });
    createInterface({ input: child.stderr }).on("line", (line) => cloud.heard(line));
    exited.then(({ code }) => reject(new Error(`dais-local ended with ${code} before it was ready:\n${cloud.tail()}`)));
  });
  try {
    cloud.url = await within(ready, "the ready line of dais-local", { ms: 30_000, seen: () => cloud.tail() });
  } catch (error) {
    kill();
    throw error;
  }
  return cloud;
}

class LocalCloud {
  #child;
  #exited;
  #lines = [];
  #listeners = new Set();

  constructor(child, exited) {
    this.#child = child;
    this.#exited = exited;
  }

  heard(line) {
    this.#lines.push(stripVTControlCharacters(line));
    for (const listener of this.#listeners) listener();
  }

  tail() {
    return this.#lines.slice(-30).join("\n");
  }

  /** Stops it as Ctrl-C does. Gives how it ended. */
  async stop() {
    this.#child.kill("SIGINT");
    try {
      return await within(this.#exited, "the end of dais-local after SIGINT");
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }

  /** Ends it without a chance to say goodbye. */
  async crash() {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Whether it still runs. */
  get runs() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The lines of its log that have `text` and every field. */
  lines(text, fields = {}) {
    const tests = Object.entries(fields).map(([name, value]) => fieldPattern(name, value));
    return this.#lines.filter((line) => line.includes(text) && tests.every((pattern) => pattern.test(line)));
  }

  /** Waits for such a line. */
  async logged(text, fields) {
    let listener;
    const found = new Promise((resolve) => {
      listener = () => {
        const line = this.lines(text, fields).at(0);
        if (line) resolve(line);
      };
      this.#listeners.add(listener);
      listener();
    });
    try {
      const what = `log line ${text} ${JSON.stringify(fields ?? {})}`;
      return await within(found, what, { seen: () => `Lines with the text: ${this.lines(text).slice(-5).join("\n")}` });
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** A tool under /_local/ or any other address of the cloud. Throws when the answer is not 2xx. */
  async tool(path, body) {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(this.url + path, {
      ...init,
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Moves the local clock forward: "2h", "90s". */
  advance(by) {
    return this.tool("/_local/clock", { advance: by });
  }

  /** Sets the chaos switches; without arguments, all off. */
  chaos(switches = {}) {
    return this.tool("/_local/chaos", switches);
  }

  /** Waits until so many media nodes are ready. Gives what `GET /_local/media` says of all. */
  async nodesReady(count, ms = DEADLINE_MS) {
    let nodes = [];
    const ready = async () => {
      nodes = await this.tool("/_local/media");
      return nodes.filter(({ id }) => id).length >= count;
    };
    await until(ready, `${count} media nodes`, { ms });
    return nodes;
  }

  /**
   * Returns once the functions have made no AWS call for a while: what they do after their answer is announced nowhere.
   * For proofs that nothing more comes; whoever waits for something awaits that.
   */
  async quiet(ms = 500) {
    const last = { call: -1, since: 0 };
    const stands = async () => {
      const { next } = await this.tool("/_local/calls?limit=0");
      if (next !== last.call) Object.assign(last, { call: next, since: Date.now() });
      return Date.now() - last.since > ms;
    };
    await until(stands, "quiet functions", { ms: DEADLINE_MS + ms });
  }

  /** Starts to count the AWS calls of the functions; the function that it gives says which were made since. */
  async countCalls() {
    const { next } = await this.tool("/_local/calls?limit=0");
    return () => this.tool(`/_local/calls?since=${next}&limit=10000`);
  }
}

function fieldPattern(name, value) {
  const escaped = String(value).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b${name}"?\\s*[=:]\\s*"?${escaped}(?![\\w-])`);
}

const WRITES = /^dynamodb:(Put|Update|Delete|BatchWrite|TransactWrite)/;

/** How many writes to the table, and transactions of any kind, are in an answer of `countCalls`. */
export function writesIn({ totals }) {
  return Object.entries(totals.operations)
    .filter(([operation]) => WRITES.test(operation) || operation === "dynamodb:TransactGetItems")
    .reduce((sum, [, count]) => sum + count, 0);
}
