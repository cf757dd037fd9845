// `make bench-invitations`: one call that invites 50 addresses: what it calls, how long it takes, and what it costs.
//
// Two runs: one for the times, with a table and a mail service that answer at once, and one for the counts (usage.mjs).

import { readFileSync } from "node:fs";
import os from "node:os";

import { localCloud } from "./processes.mjs";
import { table } from "./text.mjs";
import { HEAD, ledgerOf, quiet, row, usageOf } from "./usage.mjs";

const prices = JSON.parse(readFileSync(new URL("prices.json", import.meta.url)));

/** As in template.yaml. */
const MEMORY_MB = { InvitationsFunction: 512, MailerFunction: 256, MailFeedbackFunction: 128 };
/** Its default of MAX_ADDRESSES_PER_CALL. */
const ADDRESSES = 50;
const TIMES = 3;

const cloud = await localCloud();
const host = await cloud.token("host");

let meetings = 0;
const newMeeting = () => cloud.createMeeting(host, { description: `Meeting ${++meetings}` });

/** Invites addresses that nobody has invited before; gives them. */
async function invite(roomId) {
  const domain = `${roomId.toLowerCase().replace(/[^a-z0-9]/g, "x")}.example`;
  const emails = Array.from({ length: ADDRESSES }, (_, at) => `guest${at}@${domain}`);
  const answer = await fetch(`${cloud.url}/api/meetings/${roomId}/host-invitations/email`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${host.token}` },
    body: JSON.stringify({ emails }),
  });
  const body = await answer.json();
  if (body.createdInvites !== ADDRESSES) throw new Error(`not all were invited: ${answer.status} ${JSON.stringify(body).slice(0, 300)}`);
  return emails;
}

const outbox = async () => (await cloud.tool("/_local/outbox.json")).messages;

/** Returns once every address has its mail. */
async function untilSent(emails) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const got = new Set((await outbox()).flatMap(({ to }) => to));
    if (emails.every((email) => got.has(email))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("not all mails were sent within a minute");
}

/** So that no limit of a host's or of an address's is reached. */
const anHourLater = () => cloud.advance("61m");

const times = [];
for (let at = 0; at <= TIMES; at++) {
  await anHourLater();
  const roomId = await newMeeting();
  await cloud.tool("/_local/outbox", { method: "DELETE" });
  await quiet(cloud);
  const start = performance.now();
  const emails = await invite(roomId);
  const answered = performance.now() - start;
  await untilSent(emails);
  // The first one only warms up.
  if (at > 0) times.push([`run ${at}`, answered, performance.now() - start]);
}

await anHourLater();
const roomId = await newMeeting();
let emails;
const ledger = await ledgerOf(cloud, async () => {
  emails = await invite(roomId);
  await untilSent(emails);
});
await cloud.stop();

const operations = new Map();
for (const { service, operation, readUnits, writeUnits } of ledger.calls) {
  const name = `${service} ${operation}`;
  const [calls, reads, writes] = operations.get(name) ?? [0, 0, 0];
  operations.set(name, [calls + 1, reads + readUnits, writes + writeUnits]);
}
const mails = ledger.calls.filter(({ operation }) => operation === "SendEmail").length;

console.log(`${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}\n`);
console.log(`One call that invites ${ADDRESSES} addresses: ms until its answer, and until the last of its mails is in the outbox.\n`);
console.log(table(["", "answered", "all sent"], times));
console.log("What it calls, before and after its answer.\n");
console.log(table(["operation", "calls", "read units", "write units"], [...operations].sort().map(([name, figures]) => [name, ...figures])));
console.log(`Its cost at list prices (${prices.region}, ${prices.date}). Not in it: data transfer, logs, CloudFront.\n`);
// The courier sends six mails at a time.
const settings = { memoryMb: MEMORY_MB, assumptions: { ...prices.assumptions, postsAtOnce: 6 } };
const call = usageOf(ledger, { ...settings, more: { httpRequests: 1, mails } });
const one = usageOf(ledger, { ...settings, times: ADDRESSES, more: { httpRequests: 1 / ADDRESSES, mails: mails / ADDRESSES } });
const withoutMails = { ...one, use: { ...one.use, mails: 0 } };
console.log(
  table(HEAD, [
    row(`a call with ${ADDRESSES}`, call, prices),
    row("one invitation of it", one, prices),
    row("the same without its mail", withoutMails, prices),
  ]),
);
