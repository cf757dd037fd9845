import assert from "node:assert/strict";
import test from "node:test";

import { startCloud } from "../support/cloud.mjs";
import { feedback, mailTo } from "../support/outbox.mjs";
import { user } from "../support/people.mjs";
import { as, createMeeting } from "../support/rest.mjs";

const FUNCTION = "MailFeedbackFunction";

/** Invites addresses; what became of each. */
async function invite(host, roomId, ...emails) {
  const { status, body } = await as(host).post(`/api/meetings/${roomId}/host-invitations/email`, { emails });
  assert.equal(status, 200, JSON.stringify(body));
  return body.results.map((result) => result.status);
}

/** States of a meeting's invitations by address. */
async function states(host, roomId) {
  const { body } = await as(host).get(`/api/meetings/${roomId}/host-invitations`);
  return Object.fromEntries(body.invitations.map(({ email, state }) => [email, state]));
}

for (const [how, args] of [["in the process", []], ["as programs of their own", ["--spawn"]]]) {
  test(`functions ${how}`, async (t) => {
    const cloud = await startCloud({ args });
    t.after(() => cloud.stop());
    const ada = await user(cloud, "ada");

    await t.test("a bounce shows at the invitation, and nothing is sent there any more", async () => {
      const roomId = await createMeeting(ada);
      assert.deepEqual(await invite(ada, roomId, "gone@example.com", "here@example.com"), ["sent", "sent"]);
      const mail = await mailTo(cloud, "gone@example.com");
      await mailTo(cloud, "here@example.com");
      const told = await feedback(cloud, mail, "bounce");
      assert.deepEqual(told, { messageId: mail.messageId, state: "bounced", delivered: [{ function: FUNCTION }] });
      assert.deepEqual(await states(ada, roomId), { "gone@example.com": "bounced", "here@example.com": "pending" });

      assert.deepEqual(await invite(ada, roomId, "gone@example.com"), ["suppressed"]);
      assert.deepEqual(await invite(ada, await createMeeting(ada), "gone@example.com"), ["suppressed"], "anywhere");
      const { messages } = await cloud.tool("/_local/outbox.json");
      const sent = messages.filter(({ to }) => to.includes("gone@example.com"));
      assert.equal(sent.length, 1);
    });

    await t.test("a bounce that comes twice changes nothing", async () => {
      const roomId = await createMeeting(ada);
      await invite(ada, roomId, "twice@example.com");
      const mail = await mailTo(cloud, "twice@example.com");
      for (let time = 0; time < 2; time += 1) {
        assert.deepEqual((await feedback(cloud, mail, "bounce")).delivered, [{ function: FUNCTION }]);
      }
      assert.deepEqual(await states(ada, roomId), { "twice@example.com": "bounced" });
    });

    await t.test("a bounce that may pass changes nothing", async () => {
      const roomId = await createMeeting(ada);
      await invite(ada, roomId, "full@example.com");
      await feedback(cloud, await mailTo(cloud, "full@example.com"), "bounce", { type: "Transient" });
      assert.deepEqual(await states(ada, roomId), { "full@example.com": "pending" });
    });

    await t.test("after a complaint nothing is sent there, and the invitation stays open", async () => {
      const roomId = await createMeeting(ada);
      await invite(ada, roomId, "angry@example.com");
      await feedback(cloud, await mailTo(cloud, "angry@example.com"), "complaint");
      assert.deepEqual(await states(ada, roomId), { "angry@example.com": "pending" });
      assert.deepEqual(await invite(ada, await createMeeting(ada), "angry@example.com"), ["suppressed"]);
    });

    await t.test("no log shows an address", async () => {
      await cloud.quiet();
      assert.equal(cloud.lines("@example.com").length, 0, cloud.lines("@example.com").join("\n"));
    });
  });
}
