// Invitations of hosts and co-hosts.

import assert from "node:assert/strict";

import { as } from "./rest.mjs";

/** Invites addresses; gives the answer, which must be a success. */
export async function invite(by, meetingId, emails, more = {}) {
  const { status, body } = await as(by).post(`/api/meetings/${meetingId}/host-invitations/email`, { emails, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
