// No scenario waits for time to pass: each waits for an event, and this is how long it may take to come.

export const DEADLINE_MS = Number(process.env.DAIS_DEADLINE_MS ?? 15_000);

/** `promise`, or an error that says what did not come; `seen` may add what came instead. */
export async function within(promise, what, { ms = DEADLINE_MS, seen = () => "" } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms. ${seen()}`)), ms).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `question` until it gives something truthy. For what announces itself nowhere, such as a row behind REST. */
export async function until(question, what, { ms = DEADLINE_MS } = {}) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
