// The processes of a measurement: what is measured, and the tool that measures.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A program that `make build` or cargo has made; `profile` is a folder of the target folder. */
export function built(name, profile = process.env.PROFILE ?? "local") {
  const folder = `${process.env.CARGO_TARGET_DIR ?? `${ROOT}target`}/${profile === "dev" ? "debug" : profile}`;
  const path = `${folder}/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is not there: run this through make`);
  return path;
}

const running = new Set();
const killAll = () => running.forEach((child) => child.kill("SIGKILL"));
process.once("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

function start(program, args, options) {
  const child = spawn(program, args, { cwd: ROOT, ...options });
  running.add(child);
  child.ended = new Promise((resolve) => child.once("exit", resolve)).finally(() => running.delete(child));
  return child;
}

/** A process that says `ready http://…` on `stream`. Everything else that it says goes to the null device. */
async function server(program, args, { stream, env = {} }) {
  const child = start(program, args, {
    env: { ...process.env, ...env },
    stdio: stream === "stdout" ? ["ignore", "pipe", "ignore"] : ["ignore", "ignore", "pipe"],
  });
  const said = [];
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said.join("\n")}`)));
    createInterface({ input: child[stream] }).on("line", (line) => {
      said.push(line);
      const address = /^ready (http:\/\/\S+)$/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await child.ended;
  };
  return { url, pid: child.pid, stop };
}

/** A local cloud that keeps nothing and applies no rates of an account, logging what it logs in the cloud. */
export async function localCloud({ program = built("dais-local"), args = [], env = {} } = {}) {
  const cloud = await server(program, ["--unlimited", ...args], {
    stream: "stdout",
    env: { PORT: "0", MEMORY: "1", NODES: "0", RUST_LOG: "info", ...env },
  });
  const tool = async (path, { method = "GET", body } = {}) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(cloud.url + path, { method, ...init });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  /** A token that outlives the measurement, whatever is done to the clock. */
  const token = (user) => tool(`/_local/token?${new URLSearchParams({ user, name: user, ttl: "86000" })}`);
  const createMeeting = async (by, fields = {}) => {
    const answer = await fetch(`${cloud.url}/api/meetings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${by.token}` },
      body: JSON.stringify(fields),
    });
    if (answer.status !== 201) throw new Error(`a meeting could not be created: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).id;
  };
  return { ...cloud, tool, token, createMeeting, advance: (by) => tool("/_local/clock", { method: "POST", body: { advance: by } }) };
}

/** The Node server of baseline/. */
export const baseline = () =>
  server(process.execPath, [fileURLToPath(new URL("baseline/server.mjs", import.meta.url))], {
    stream: "stderr",
    env: { NODE_ENV: "production" },
  });

/** The tool for sockets. */
export const benchTool = () => lineTool("dais-bench");

/** The tool for media. */
export const loadTool = () => lineTool("dais-media-load");

/** A program that takes a command per line and gives an answer per line, as a function. */
function lineTool(name) {
  const child = start(built(name), [], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
  const run = async (command) => {
    const answer = new Promise((resolve) => waiting.push(resolve));
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const ended = child.ended.then(() => ({ error: `${name} has ended` }));
    const result = await Promise.race([answer, ended]);
    if (result.error) throw new Error(result.error);
    return result;
  };
  return { run, pid: child.pid, stop: () => child.stdin.end() };
}
