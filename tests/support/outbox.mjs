// The mails that the local cloud has sent, and what becomes of them.

import assert from "node:assert/strict";

import { until } from "./deadline.mjs";

/**
 * Waits for a mail to an address; gives the latest. `meetingId`: one that is about this meeting. `seen`: links that are no
 * news; the mail has another one.
 */
export async function mailTo(cloud, address, { meetingId, seen = [] } = {}) {
  const isIt = (mail) =>
    mail.to.includes(address) &&
    (!meetingId || mail.html.includes(`/events/${meetingId}/`)) &&
    (seen.length === 0 || !seen.includes(acceptLink(mail)));
  const look = async () => (await cloud.tool("/_local/outbox.json")).messages.find(isIt);
  return until(look, `a mail to ${address}`);
}

/** The link of the Accept button. */
export function acceptLink({ text }) {
  const link = /https?:\/\/\S+\/accept-host\?token=[\w-]+/.exec(text)?.[0];
  assert.ok(link, `no link in ${text}`);
  return link;
}

/** What a receiver's side answers: "bounce" or "complaint". Returns when the functions have heard of it. */
export const feedback = (cloud, mail, kind, body = {}) => cloud.tool(`/_local/mail/${mail.messageId}/${kind}`, body);
