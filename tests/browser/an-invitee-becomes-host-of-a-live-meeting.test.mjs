// From the host's click to a host in the room, as its people see it: mail, page, sign-in, Accept, and the room that hears it.

import assert from "node:assert/strict";
import test from "node:test";

import { browser, picture } from "../support/browser.mjs";
import { localCloud } from "../support/cloud.mjs";
import { invite } from "../support/invitations.mjs";
import { next } from "../support/mailbox.mjs";
import { acceptLink, mailTo } from "../support/outbox.mjs";
import { ask, connect, done, join, user } from "../support/people.mjs";
import { as } from "../support/rest.mjs";
import { roomOf } from "../support/room.mjs";

const cloud = await localCloud();
const chrome = await browser();

/** Signs in on the local provider's page as somebody who is offered there. */
async function signInAs(page, name) {
  await page.getByRole("button", { name }).click();
}

const heading = (page, text) => page.getByRole("heading", { name: text, level: 1 }).waitFor();

test("a host invites by mail; the invitee signs in, looks, accepts, and the host sees the new host at once", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  const [result] = (await invite(ada, roomId, ["bo@example.com"])).results;
  assert.equal(result.status, "sent");

  // The outbox, as somebody at the laptop opens it.
  const desk = await chrome.page();
  await mailTo(cloud, "bo@example.com");
  await desk.goto(`${cloud.url}/_local/outbox`);
  await desk.getByText("bo@example.com").first().waitFor();
  await picture(desk, "outbox");

  const mail = await mailTo(cloud, "bo@example.com");
  assert.match(mail.subject, /^You've been invited to co-host /);
  const link = acceptLink(mail);
  assert.ok(link.startsWith(`${cloud.url}/events/${roomId}/accept-host?token=`), link);

  const page = await chrome.page();
  await page.goto(link);
  await heading(page, "Sign in to see your invitation");
  assert.ok(!page.url().includes("token"), "the token stays neither in the address nor in the history");
  await picture(page, "1-signed-out");
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Sign in" }).first().waitFor();
  await picture(page, "2-sign-in");
  await signInAs(page, /^Bo/);

  await heading(page, /^You've been invited to co-host /);
  await page.getByText("Ada", { exact: true }).first().waitFor();
  await picture(page, "3-invited");
  const before = await as(ada).get(`/api/meetings/${roomId}`);
  assert.equal(before.body.hosts.length, 1, "looking changes nothing");

  await page.getByRole("button", { name: "Accept" }).click();
  await heading(page, /^You are now a host of /);
  await picture(page, "4-accepted");

  // The room hears it without anybody asking.
  const { participantId, updates } = await next(ada.socket, "participant-updated");
  const bo = await user(cloud, "bo");
  assert.equal(participantId, bo.userId);
  assert.deepEqual(updates, { isHost: true });

  // Whoever accepts belongs to the network, before he has been in the room.
  const { people } = (await as(ada).get("/api/network")).body;
  assert.ok(people.some(({ userId }) => userId === bo.userId), JSON.stringify(people));

  // Bo comes in as host, and the last-host rule protects whoever remains.
  const socket = await connect(bo);
  assert.equal((await join(socket, roomId)).isHost, true);
  await done(ada.socket, "remove-host", { roomId, participantId: ada.userId });
  const refused = await ask(socket, "remove-host", { roomId, participantId: bo.userId });
  assert.equal(refused.code, "last-host");

  await page.getByRole("link", { name: "Go to the meeting" }).click();
  await page.getByText("You are a host of this meeting.").waitFor();
  await picture(page, "5-meeting");

  // The inviter is told, and the list says so.
  assert.match((await mailTo(cloud, "ada@example.com")).subject, /Bo/);
  const { invitations } = (await as(bo).get(`/api/meetings/${roomId}/host-invitations`)).body;
  assert.deepEqual(invitations.map(({ state }) => state), ["accepted"]);
  assert.deepEqual([...page.problems, ...desk.problems], []);
});

test("opening the link, again and again, by whomever, accepts nothing", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  await invite(ada, roomId, ["cy@example.com"]);
  const link = acceptLink(await mailTo(cloud, "cy@example.com", { meetingId: roomId }));
  for (let n = 0; n < 3; n++) assert.equal((await fetch(link)).status, 200);
  await fetch(link, { method: "HEAD" });
  const page = await chrome.page();
  await page.goto(`${cloud.url}/_local/sign-in?redirect_url=/`);
  await signInAs(page, /^Cy/);
  await page.goto(link);
  await heading(page, /^You've been invited/);
  await page.reload();
  await heading(page, /^You've been invited/);
  const { invitations } = (await as(ada).get(`/api/meetings/${roomId}/host-invitations`)).body;
  assert.deepEqual(invitations.map(({ state }) => state), ["pending"]);
});

test("the wrong account is told which one is needed, without the address, and the invitation waits", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  await invite(ada, roomId, ["cy@example.com"]);
  const page = await chrome.page();
  await page.goto(`${cloud.url}/_local/sign-in?redirect_url=/`);
  await signInAs(page, /^Bo/);
  await page.goto(acceptLink(await mailTo(cloud, "cy@example.com", { meetingId: roomId })));
  await heading(page, "This invitation is for another account");
  await page.getByText("c…@example.com").waitFor();
  assert.ok(!(await page.content()).includes("cy@example.com"));
  await picture(page, "wrong-account");
  await page.getByRole("link", { name: "Use another account" }).click();
  await signInAs(page, /^Cy/);
  await heading(page, /^You've been invited/);
  assert.deepEqual(page.problems, []);
});

test("declining asks once more, is told, and cannot be undone by the same link", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  await invite(ada, roomId, ["bo@example.com"]);
  const link = acceptLink(await mailTo(cloud, "bo@example.com", { meetingId: roomId }));
  const page = await chrome.page({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await page.goto(`${cloud.url}/_local/sign-in?redirect_url=/`);
  await signInAs(page, /^Bo/);
  await page.goto(link);
  await heading(page, /^You've been invited/);
  // With the keyboard: the heading has the focus, and the buttons come next.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await heading(page, /^Decline the invitation/);
  await picture(page, "decline-phone-dark");
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Decline" }).click();
  await page.getByRole("button", { name: "Yes, decline" }).click();
  await heading(page, /^You declined/);
  await page.goto(link);
  await heading(page, "This invitation was declined");
  const { invitations } = (await as(ada).get(`/api/meetings/${roomId}/host-invitations`)).body;
  assert.deepEqual(invitations.map(({ state }) => state), ["declined"]);
  assert.deepEqual(page.problems, []);
});

test("revoked, replaced, over, already host, unknown, incomplete: each has its own page", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  const page = await chrome.page();
  await page.goto(`${cloud.url}/_local/sign-in?redirect_url=/`);
  await signInAs(page, /^Bo/);
  const seen = [];
  const latestLink = async () => {
    const link = acceptLink(await mailTo(cloud, "bo@example.com", { meetingId: roomId, seen }));
    seen.push(link);
    return link;
  };
  const invited = async () => {
    const [{ invitationId }] = (await invite(ada, roomId, ["bo@example.com"])).results;
    return { invitationId, link: await latestLink() };
  };

  const first = await invited();
  assert.equal((await as(ada).delete(`/api/meetings/${roomId}/host-invitations/${first.invitationId}`)).status, 200);
  await page.goto(first.link);
  await heading(page, "This invitation was taken back");

  const second = await invited();
  await as(ada).post(`/api/meetings/${roomId}/host-invitations/${second.invitationId}/resend`);
  const latest = await latestLink();
  await page.goto(second.link);
  await heading(page, "There is a newer invitation");

  // A host already, by other means.
  const bo = await user(cloud, "bo");
  const socket = await connect(bo);
  await join(socket, roomId);
  await done(ada.socket, "make-host", { roomId, participantId: bo.userId });
  await page.goto(latest);
  await heading(page, /^You already are a host of /);
  await done(ada.socket, "remove-host", { roomId, participantId: bo.userId });

  await page.goto(`${cloud.url}/events/${roomId}/accept-host?token=nobody-knows-this-token-at-all-00`);
  await heading(page, "This invitation cannot be found");
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${cloud.url}/events/${roomId}/accept-host`);
  await heading(page, "This link is incomplete");

  await as(ada).post(`/api/meetings/${roomId}/end`);
  await page.goto(latest);
  await heading(page, "The meeting is over");
  await picture(page, "over");
  assert.deepEqual(page.problems, []);
});

test("a script that fails to reach the service says so, and the button works again", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  await invite(ada, roomId, ["Zoe@Example.com"]);
  const page = await chrome.page();
  await page.goto(acceptLink(await mailTo(cloud, "zoe@example.com", { meetingId: roomId })));
  await page.getByRole("link", { name: "Sign in" }).click();
  // Somebody whom nobody knew before: the address of his token is what counts.
  await page.getByLabel("Name").fill("Zoe");
  await page.getByLabel("Mail address").fill("zoe@example.com");
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, /^You've been invited/);
  await page.route("**/api/host-invitations/accept", (route) => route.abort());
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("alert").getByText("could not be reached").waitFor();
  await picture(page, "offline");
  await page.unroute("**/api/host-invitations/accept");
  await page.getByRole("button", { name: "Accept" }).click();
  await heading(page, /^You are now a host of /);
});

test("a week later the link says that it has expired", async () => {
  const { roomId, ada } = await roomOf(cloud, "ada");
  await invite(ada, roomId, ["dee@example.com"]);
  const link = acceptLink(await mailTo(cloud, "dee@example.com", { meetingId: roomId }));
  await cloud.advance("8d");
  const page = await chrome.page();
  await page.goto(link);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Name").fill("Dee");
  await page.getByLabel("Mail address").fill("dee@example.com");
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "This invitation has expired");
  assert.deepEqual(page.problems, []);
});
