// Role changes, one at a time or as fast as they go.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two changes of a room within two seconds are told twice. People do not make them, so the benchmarks of one change do not either. */
const APART_MS = 2_100;

/** A change of each side in turns, `rounds` times, with nothing between but time. Each side gets its latencies in ms. */
export async function inTurns(sides, rounds) {
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      await pause(APART_MS / sides.length);
      side.heard.push(...(await side.tool.run({ do: "roles", events: 1 })).heardMs);
    }
  }
}

/** Back to back. */
export async function rushed(tool, events) {
  const { wallMs, cpuMs } = await tool.run({ do: "roles", events });
  return { perSecond: (events / wallMs) * 1000, toolMs: cpuMs / events };
}
