// Role changes, one at a time or as fast as they go.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One change at a time, with a pause before each; `before` may do something that is not measured. */
export async function paced(tool, changes, before = () => {}) {
  const heard = [];
  for (let n = 0; n < changes; n++) {
    await before();
    await pause(10);
    heard.push(...(await tool.run({ do: "roles", events: 1 })).heardMs);
  }
  return heard;
}

/** Back to back. */
export async function rushed(tool, events) {
  const { wallMs, cpuMs } = await tool.run({ do: "roles", events });
  return { perSecond: (events / wallMs) * 1000, toolMs: cpuMs / events };
}
