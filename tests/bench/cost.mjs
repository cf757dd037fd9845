// What an action costs: from what it used, by list prices. Pure; the prices are in prices.json and nowhere else.

/**
 * The longest chain of calls of which each began only when the one before had ended: the sequential round trips.
 * Calls have `startedAtUs` and `endedAtUs`.
 */
export function sequentialCalls(calls) {
  const byStart = [...calls].sort((a, b) => a.startedAtUs - b.startedAtUs);
  const depths = [];
  for (const call of byStart) {
    const before = depths.filter(({ endedAtUs }) => endedAtUs <= call.startedAtUs);
    depths.push({ endedAtUs: call.endedAtUs, depth: 1 + Math.max(0, ...before.map(({ depth }) => depth)) });
  }
  return Math.max(0, ...depths.map(({ depth }) => depth));
}

/** How long an invocation runs in the cloud, in ms, by the assumptions of prices.json. */
export function assumedDurationMs({ tableCalls, posts }, { ownMs, tableCallMs, postMs, postsAtOnce }) {
  return ownMs + tableCalls * tableCallMs + Math.ceil(posts / postsAtOnce) * postMs;
}

/**
 * USD per million of an action that uses `usage` once: `httpRequests`, `messageUnits` (32 KB each, in and out),
 * `connectionMinutes`, `invocations`, `gbSeconds`, `readUnits`, `writeUnits`; what is absent is not used.
 */
export function costPerMillion(usage, prices) {
  const unknown = Object.keys(usage).filter((name) => name !== "gbSeconds" && !(name in prices.perMillion));
  if (unknown.length > 0) throw new Error(`prices.json has no price for ${unknown}`);
  const units = Object.entries(prices.perMillion).map(([name, price]) => (usage[name] ?? 0) * price);
  return units.reduce((sum, price) => sum + price, (usage.gbSeconds ?? 0) * prices.perGbSecond * 1e6);
}
