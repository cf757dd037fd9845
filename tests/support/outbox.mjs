// The mails that the local cloud has sent, and what becomes of them.

import { until } from "./deadline.mjs";

/** Waits for a mail to an address; gives the latest. */
export async function mailTo(cloud, address) {
  const look = async () => (await cloud.tool("/_local/outbox.json")).messages.find(({ to }) => to.includes(address));
  return until(look, `a mail to ${address}`);
}

/** The link of the Accept button. */
export const acceptLink = (mail) => /https?:\/\/\S+\/accept-host\?token=[\w-]+/.exec(mail.text)?.[0];

/** What a receiver's side answers: "bounce" or "complaint". Returns when the functions have heard of it. */
export const feedback = (cloud, mail, kind, body = {}) => cloud.tool(`/_local/mail/${mail.messageId}/${kind}`, body);
