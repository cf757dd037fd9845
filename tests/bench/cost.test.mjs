import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { assumedDurationMs, costPerMillion, sequentialCalls } from "./cost.mjs";
import { quantile, table } from "./text.mjs";

const prices = JSON.parse(readFileSync(new URL("prices.json", import.meta.url)));

test("a role change in a room of ten costs what its parts cost", () => {
  const simple = {
    perMillion: { httpRequests: 1, messageUnits: 1, connectionMinutes: 0.25, invocations: 0.2, readUnits: 0.125, writeUnits: 0.625 },
    perGbSecond: 0.0000133334,
  };
  const usage = { messageUnits: 14, invocations: 1, gbSeconds: 0.02, readUnits: 1, writeUnits: 8 };
  const parts = 14 * 1 + 0.2 + 0.02 * 13.3334 + 0.125 + 8 * 0.625;
  assert.ok(Math.abs(costPerMillion(usage, simple) - parts) < 1e-9);
  assert.equal(costPerMillion({}, simple), 0);
  assert.equal(costPerMillion({ connectionMinutes: 60 }, simple), 15);
});

test("what has no price is an error and not free", () => {
  assert.throws(() => costPerMillion({ pigeons: 1 }, prices), /pigeons/);
});

test("every price says where and when it was taken", () => {
  assert.match(prices.region, /^[a-z]+-[a-z]+-\d$/);
  assert.match(prices.date, /^\d{4}-\d{2}$/);
  assert.ok(prices.source.every((address) => address.startsWith("https://aws.amazon.com/")));
  for (const [name, price] of Object.entries(prices.perMillion)) assert.ok(price > 0 && price < (name === "mails" ? 1000 : 10), name);
});

test("parallel calls are one round trip, sequential ones are several", () => {
  const call = (startedAtUs, endedAtUs) => ({ startedAtUs, endedAtUs });
  assert.equal(sequentialCalls([]), 0);
  assert.equal(sequentialCalls([call(0, 10), call(1, 9), call(2, 12)]), 1);
  assert.equal(sequentialCalls([call(20, 30), call(0, 10)]), 2);
  assert.equal(sequentialCalls([call(0, 10), call(5, 25), call(11, 20), call(21, 24)]), 3);
});

test("a fan-out takes as many rounds of posts as do not fit at once", () => {
  const assumptions = { ownMs: 2, tableCallMs: 8, postMs: 20, postsAtOnce: 64 };
  assert.equal(assumedDurationMs({ tableCalls: 2, posts: 0 }, assumptions), 18);
  assert.equal(assumedDurationMs({ tableCalls: 2, posts: 64 }, assumptions), 38);
  assert.equal(assumedDurationMs({ tableCalls: 2, posts: 65 }, assumptions), 58);
});

test("quantiles are values that were measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(quantile(hundred, 0.5), 50);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.equal(quantile([7], 0.99), 7);
});

test("tables align: text to the left, figures to the right", () => {
  assert.equal(table(["what", "ms"], [["a", 1.25], ["longer", 10]]), "what      ms\na       1.25\nlonger    10\n");
});
