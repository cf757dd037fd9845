import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import test, { after } from "node:test";

import { startCloud } from "../support/cloud.mjs";
import { next } from "../support/mailbox.mjs";
import { connect, done, join, user } from "../support/people.mjs";
import { as, readMeeting } from "../support/rest.mjs";
import { roomOf } from "../support/room.mjs";

const data = await mkdtemp(path(tmpdir(), "dais-"));
after(() => rm(data, { recursive: true, force: true }));
const start = () => startCloud({ env: { MEMORY: "", DATA_DIR: data } });

for (const [how, end] of [
  ["Ctrl-C", (cloud) => cloud.stop()],
  ["a crash", (cloud) => cloud.crash()],
]) {
  test(`meetings and roles are the same after ${how} and a new start`, async () => {
    const first = await start();
    const { roomId, ada, bo, cy } = await roomOf(first, "ada", "bo", "cy");
    await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
    await done(ada.socket, "make-cohost", { roomId, participantId: cy.userId });
    await next(cy.socket, "cohost-granted");
    await done(bo.socket, "remove-host", { roomId, participantId: ada.userId });
    const before = await readMeeting(bo, roomId);
    for (const { socket } of [ada, bo, cy]) socket.io.reconnection(false);
    await end(first);

    const second = await start();
    try {
      const again = async (name) => join(await connect(await user(second, name)), roomId);
      const host = await user(second, "bo");
      assert.deepEqual(await readMeeting(host, roomId), before);
      assert.deepEqual(await again("ada"), { success: true, isHost: false, isCoHost: false });
      assert.deepEqual(await again("bo"), { success: true, isHost: true, isCoHost: false });
      assert.deepEqual(await again("cy"), { success: true, isHost: false, isCoHost: true });
      const { status, body } = await as(host).get(`/api/meetings/${roomId}/log`);
      assert.equal(status, 200);
      assert.equal(body.entries.length, 4);
    } finally {
      await second.stop();
    }
  });
}

test("Ctrl-C stops it cleanly, with clients connected", async () => {
  const cloud = await start();
  const socket = await connect(await user(cloud, "ada"), { reconnection: false });
  const gone = next(socket, "disconnect");
  assert.deepEqual(await cloud.stop(), { code: 0, signal: null });
  await gone;
});
