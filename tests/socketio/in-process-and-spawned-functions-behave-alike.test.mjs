// One script, told twice: to the functions inside the local cloud, and to their real binaries on the Runtime API.

import assert from "node:assert/strict";
import test from "node:test";

import { startCloud } from "../support/cloud.mjs";
import { forget, next, nextArgs } from "../support/mailbox.mjs";
import { ask, connect, refusal, user } from "../support/people.mjs";
import { as, request } from "../support/rest.mjs";
import { nextChange } from "../support/room.mjs";

/** Runs the whole story and gives what everybody was told, with ids and times replaced by names. */
async function story(cloud) {
  const told = [];
  const names = new Map();
  const tell = (what, value) => told.push([what, value]);

  const ada = await user(cloud, "ada");
  const bo = await user(cloud, "bo");
  names.set(ada.userId, "<ada>").set(bo.userId, "<bo>");

  const created = await as(ada).post("/api/meetings", { roomId: "story", description: "Story" });
  tell("created", [created.status, created.body]);
  tell("taken", (await as(bo).post("/api/meetings", { roomId: "story" })).body);
  tell("stranger", (await request(cloud, "GET", "/api/meetings/story")).body);
  tell("bad token", ((error) => [error.message, error.data])(await refusal(bo, { auth: { token: "garbage" } })));

  const a = await connect(ada);
  tell("ada joins", await ask(a, "join-room", { roomId: "story" }));
  tell("ada sees", await nextArgs(a, "existing-participants"));
  let b = await connect(bo);
  names.set(a.id, "<ada's socket>").set(b.id, "<bo's socket>");
  tell("bo joins", await ask(b, "join-room", "story"));
  tell("bo sees", await nextArgs(b, "existing-participants"));
  tell("ada hears", await nextArgs(a, "participant-joined"));

  const target = { roomId: "story", participantId: bo.userId };
  tell("refused", await ask(b, "make-host", { roomId: "story", participantId: ada.userId }));
  tell("refused, as event", await nextArgs(b, "error"));
  for (const [event, notice] of [
    ["make-cohost", "cohost-granted"],
    ["make-host", "host-granted"],
    ["remove-host", "host-revoked"],
    ["make-host", "host-granted"],
  ]) {
    tell(event, await ask(a, event, target));
    tell("success", await nextArgs(a, "success"));
    for (const socket of [a, b]) tell("updated", await nextChange(socket));
    tell("notice", await nextArgs(b, notice));
    await cloud.quiet();
  }

  forget(b);
  b.io.reconnection(false);
  b.io.engine.close();
  await next(b, "disconnect");
  tell("description", (await as(ada).patch("/api/meetings/story", { version: 5, description: "Gap" })).status);
  b.connect();
  await next(b, "connect");
  tell("recovered", b.recovered);
  tell("missed", await nextArgs(b, "meeting-updated"));

  tell("bo demotes", await ask(b, "remove-host", { roomId: "story", participantId: ada.userId }));
  tell("ada hears", await nextArgs(a, "host-revoked"));
  tell("last host", await ask(b, "remove-host", target));
  b.disconnect();
  // Without its version: he was away before, and whether that was told before or after the change is chance.
  tell("ada hears", await next(a, "participant-left", ({ userId }) => userId === bo.userId));
  tell("unknown", await ask(a, "no-such-event"));
  tell("meeting", (await as(ada).get("/api/meetings/story")).body);
  tell("log", (await as(bo).get("/api/meetings/story/log")).body);
  tell("openapi", (await request(cloud, "GET", "/api/openapi.json")).body);
  a.disconnect();

  const text = JSON.stringify(told, null, 1).replaceAll(cloud.url, "<url>");
  const named = [...names].reduce((all, [id, name]) => all.replaceAll(id, name), text);
  return named
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/("(?:since|at|createdAt|startsAt)": )\d{13}/g, "$1<time>")
    .split("\n");
}

async function toldBy(args) {
  const cloud = await startCloud({ args });
  try {
    return await story(cloud);
  } finally {
    await cloud.stop();
  }
}

test("functions in the process and functions as spawned binaries tell the same story", async () => {
  const [spawned, inside] = [await toldBy(["--spawn"]), await toldBy([])];
  const at = spawned.findIndex((line, index) => line !== inside[index]);
  const around = (lines) => lines.slice(Math.max(0, at - 12), at + 3).join("\n");
  assert.ok(at < 0, `spawned:\n${around(spawned)}\n\nin the process:\n${around(inside)}`);
  assert.equal(spawned.length, inside.length);
});
