// `make bench-cold`: from the start of the signaling function's process to its first request for an event, and to the answer of
// its first conditional write; in turns with a Node handler that does the same. docs/benchmarks.md says how to read it.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { functionEnvironment, messageEvent, roomItems } from "./function.mjs";
import { members, socketUrl } from "./people.mjs";
import { benchTool, built, localCloud } from "./processes.mjs";
import { median, quantile, table } from "./text.mjs";

const STARTS = Number(process.env.STARTS ?? 21);
const TARGET = { nextMs: 15, ratio: 5 };

/** One file with many certificates, as template.yaml names it for Amazon Linux, or where Debian has it. */
const CERTIFICATES = ["/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/certs/ca-certificates.crt"].find(existsSync);

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "dais-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const bundle = path.join(folder, "handler.cjs");
// Top-level await is not for CommonJS, which starts faster than modules do: the last line is called without it.
const source = readFileSync(here("cold/handler.mjs"), "utf8").replace("await run(handle);", "run(handle);");
await build({
  stdin: { contents: source, resolveDir: here("cold"), loader: "js" },
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outfile: bundle,
  logLevel: "error",
});

const signaling = built("signaling", process.env.COLD_PROFILE ?? "release");
const certificates = CERTIFICATES ? { SSL_CERT_FILE: CERTIFICATES } : {};
const CANDIDATES = [
  { name: "signaling, as in template.yaml", program: [signaling], environment: certificates, file: signaling },
  { name: "signaling, without SSL_CERT_FILE", program: [signaling], environment: {}, file: signaling },
  { name: "node, bundled and minified", program: [process.execPath, bundle], environment: {}, file: bundle },
  { name: "node, from node_modules", program: [process.execPath, here("cold/handler.mjs")], environment: {} },
];

const cloud = await localCloud();
// Each its own room: the role goes to and fro, and everybody is to do both in turn.
for (const candidate of CANDIDATES) {
  const tool = benchTool();
  const everybody = await members(cloud, 3);
  const roomId = await cloud.createMeeting(everybody[0]);
  await tool.run({ do: "open", url: socketUrl(cloud.url), roomId, members: everybody, atOnce: 1 });
  const { table: name, connectionOf } = await roomItems(cloud, roomId);
  const host = connectionOf(everybody[0].userId);
  const payload = { roomId, participantId: everybody[1].userId };
  const event = (at) => messageEvent(host, Date.now() + at * 3000, [at % 2 ? "remove-cohost" : "make-cohost", payload]);
  const environment = functionEnvironment(cloud, name, candidate.environment);
  candidate.starts = [];
  candidate.start = async (at) => {
    const start = await tool.run({ do: "start", program: candidate.program, environment, event: event(at) });
    await tool.run({ do: "stop" });
    if (!start.answer.includes('{\\"success\\":true}')) throw new Error(`${candidate.name}: ${start.answer}`);
    return start;
  };
  candidate.end = () => tool.stop();
}
for (let at = 0; at < STARTS + 2; at++) {
  for (const candidate of CANDIDATES) {
    const start = await candidate.start(at);
    // The first two only bring the files into memory.
    if (at >= 2) candidate.starts.push(start);
  }
}
for (const { end } of CANDIDATES) end();
await cloud.stop();

const of = ({ starts }, name) => median(starts.map((start) => start[name]));
const range = ({ starts }, name) => {
  const values = starts.map((start) => start[name]);
  return `${quantile(values, 0.1).toFixed(1)}..${quantile(values, 0.9).toFixed(1)}`;
};
const megabytes = (bytes) => bytes / 1e6;
const rows = CANDIDATES.map((candidate) => {
  const { name, file } = candidate;
  const size = file ? [megabytes(statSync(file).size), megabytes(gzipSync(readFileSync(file)).length)] : ["", ""];
  const times = ["nextMs", "answerMs"].flatMap((time) => [of(candidate, time), range(candidate, time)]);
  return [name, ...times, of(candidate, "settledCpuMs"), of(candidate, "peakKb") / 1000, ...size];
});
console.log(`\n${STARTS} starts each, in turns; ${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}`);
console.log("ms from the start of the process: medians, and from the 10th to the 90th percentile\n");
const HEAD = ["function", "to next", "10..90", "to answer", "10..90", "CPU ms", "peak MB", "file MB", "gzip MB"];
console.log(table(HEAD, rows));
const [ours, , node] = CANDIDATES;
const next = of(ours, "nextMs");
console.log(`To next ${next.toFixed(1)} ms, target under ${TARGET.nextMs}: ${next < TARGET.nextMs ? "met" : "MISSED"}.`);
for (const [time, what] of [["nextMs", "next"], ["answerMs", "the first answer"]]) {
  const ratio = of(node, time) / of(ours, time);
  const verdict = ratio >= TARGET.ratio ? "met" : "MISSED";
  console.log(`Bundled Node needs ${ratio.toFixed(1)} times as long to ${what}, target at least ${TARGET.ratio}: ${verdict}.`);
}
