// Invitations and the mails they cause.

import assert from "node:assert/strict";

import { until } from "./deadline.mjs";
import { as } from "./rest.mjs";

/** Invites addresses; gives the answer, which must be a success. */
export async function invite(by, meetingId, emails, more = {}) {
  const { status, body } = await as(by).post(`/api/meetings/${meetingId}/host-invitations/email`, { emails, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** The mails that have gone out, newest first. */
export const outbox = async (cloud) => (await cloud.tool("/_local/outbox.json")).messages;

/** The latest mail to `address`, as soon as there is one; about the meeting, if one is named; with none of the links `seen`. */
export async function mailTo(cloud, address, meetingId, { seen = [] } = {}) {
  let found;
  await until(async () => {
    const mails = (await outbox(cloud)).filter(({ to }) => to.includes(address));
    const isAbout = (mail) => !meetingId || mail.html.includes(`/events/${meetingId}/`);
    found = mails.find((mail) => isAbout(mail) && (seen.length === 0 || !seen.includes(acceptLink(mail))));
    return found !== undefined;
  }, `a mail to ${address}`);
  return found;
}

/** The link in a mail with which an invitation is accepted. */
export function acceptLink({ text }) {
  const link = /https?:\/\/\S+\/accept-host\?token=[\w-]+/.exec(text)?.[0];
  assert.ok(link, `no link in ${text}`);
  return link;
}
