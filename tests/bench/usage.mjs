// What actions use, from the ledger of the local cloud.

import { assumedDurationMs, costPerMillion, sequentialCalls } from "./cost.mjs";

const QUIET_MS = 400;
const ALL = 100_000;

/** Returns once nothing has run for a while: what functions do after their answer is announced nowhere. */
export async function quiet(cloud) {
  let before = "";
  for (let since = Date.now(); Date.now() - since < QUIET_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [calls, invocations] = await Promise.all(
      ["calls", "invocations"].map((what) => cloud.tool(`/_local/${what}?limit=0`)),
    );
    const now = JSON.stringify([calls.next, invocations.next, calls.messages]);
    if (now !== before) since = Date.now();
    before = now;
  }
}

/**
 * Runs `action` on a quiet cloud and gives everything that ran for it. The table is as slow as over a network meanwhile: on
 * loopback a call can end before the next one, that does not wait for it, has been sent.
 */
export async function ledgerOf(cloud, action) {
  await quiet(cloud);
  await cloud.tool("/_local/calls", { method: "DELETE" });
  await cloud.tool("/_local/chaos", { method: "POST", body: { delayTableMs: 50 } });
  await action();
  await quiet(cloud);
  await cloud.tool("/_local/chaos", { method: "POST", body: {} });
  const { calls, dropped, messages } = await cloud.tool(`/_local/calls?limit=${ALL}`);
  const { invocations } = await cloud.tool(`/_local/invocations?limit=${ALL}`);
  if (dropped > 0) throw new Error("the ledger is too small for this action");
  // A socket does not exist until its $connect is answered; the greeting is posted again until it does.
  const isFailure = ({ error }) => error && error !== "GoneException";
  const failed = [...calls.filter(isFailure), ...invocations.filter(({ outcome }) => outcome !== "ok")];
  if (failed.length > 0) throw new Error(`something failed: ${JSON.stringify(failed.slice(0, 3))}`);
  return { calls, invocations, messages };
}

/**
 * What one of `times` equal actions used: the longest chain of table calls in one invocation, and the amounts of everything
 * that has a price.
 */
export function usageOf({ calls, invocations, messages }, { times = 1, memoryMb, assumptions, more = {} }) {
  const isOfTable = ({ service }) => service === "dynamodb";
  const of = (invocation) => calls.filter((call) => call.invocation === invocation.id);
  const roundTrips = invocations.map((invocation) => sequentialCalls(of(invocation).filter(isOfTable)));
  const gbSeconds = invocations.map((invocation, at) => {
    const posts = of(invocation).filter((call) => !isOfTable(call)).length;
    const ms = assumedDurationMs({ tableCalls: roundTrips[at], posts }, assumptions);
    return (ms / 1000) * ((memoryMb[invocation.function] ?? 0) / 1024);
  });
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return {
    roundTrips: Math.max(0, ...roundTrips),
    use: {
      invocations: invocations.length / times,
      messageUnits: (messages.inUnits + messages.outUnits) / times,
      readUnits: sum(calls.map(({ readUnits }) => readUnits)) / times,
      writeUnits: sum(calls.map(({ writeUnits }) => writeUnits)) / times,
      gbSeconds: sum(gbSeconds) / times,
      ...more,
    },
  };
}

export const HEAD = ["action", "round trips", "read units", "write units", "messages", "invocations", "USD per million"];

/** A row of the table of costs. */
export function row(name, { roundTrips, use }, prices) {
  const { readUnits, writeUnits, messageUnits, invocations } = use;
  return [name, roundTrips, readUnits, writeUnits, messageUnits, invocations, costPerMillion(use, prices)];
}
