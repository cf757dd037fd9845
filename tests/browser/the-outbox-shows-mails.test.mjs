import assert from "node:assert/strict";
import test from "node:test";

import { browser, picture } from "../support/browser.mjs";
import { localCloud } from "../support/cloud.mjs";
import { acceptLink, mailTo } from "../support/outbox.mjs";
import { user } from "../support/people.mjs";
import { as, createMeeting } from "../support/rest.mjs";

const cloud = await localCloud();
const chromium = await browser();
const ada = await user(cloud, "ada");

const invite = async (email) => {
  const roomId = await createMeeting(ada, { description: "Stand-up <b>now</b>" });
  const { status } = await as(ada).post(`/api/meetings/${roomId}/host-invitations/email`, { emails: [email] });
  assert.equal(status, 200);
  return mailTo(cloud, email);
};

/** The outbox, opened by somebody. */
async function outbox(options) {
  const page = await chromium.page(options);
  await page.goto(`${cloud.url}/_local/outbox`);
  return page;
}

test("without a mail it says how to get one", async () => {
  const page = await outbox();
  await page.getByText("No mail yet").waitFor();
  await picture(page, "outbox-empty");
  assert.deepEqual(page.problems, []);
});

test("a mail appears by itself, and its links lead where they say", async () => {
  const page = await outbox();
  const mail = await invite("bo@example.com");
  await page.getByRole("link", { name: "bo@example.com" }).waitFor();
  await page.getByRole("heading", { name: mail.subject }).waitFor();
  const frame = page.frameLocator("#frame");
  await frame.getByRole("heading", { name: "Stand-up <b>now</b>" }).waitFor();
  const opened = page.context().waitForEvent("page");
  await frame.getByRole("link", { name: "Accept invitation" }).click();
  const other = await opened;
  await other.waitForLoadState();
  assert.ok(acceptLink(mail).startsWith(other.url().split("?")[0]), other.url());
  await picture(page, "outbox");
  assert.deepEqual(page.problems, []);
});

test("text, headers, attachments and what became of it are shown", async () => {
  const mail = await invite("cy@example.com");
  const page = await outbox();
  await page.getByRole("link", { name: "cy@example.com" }).click();
  await page.getByRole("tab", { name: "Text" }).click();
  await page.getByRole("link", { name: acceptLink(mail) }).waitFor();
  await page.getByRole("tab", { name: "Headers" }).click();
  await page.getByRole("cell", { name: "List-Unsubscribe=One-Click" }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("event.ics").click()]);
  assert.equal(download.suggestedFilename(), "event.ics");
  await page.getByRole("button", { name: "Bounce" }).click();
  await page.getByText("Told to MailFeedbackFunction.").waitFor();
  await page.locator("#facts .bounced").waitFor();
  assert.deepEqual(page.problems, []);
});

test("it fits a phone, and all mails can be deleted", async () => {
  await invite("di@example.com");
  const page = await outbox({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await page.frameLocator("#frame").getByRole("link", { name: "Accept invitation" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await page.locator("#frame").scrollIntoViewIfNeeded();
  await picture(page, "outbox-phone-dark");
  await page.getByRole("button", { name: "Delete all" }).click();
  await page.getByText("No mail yet").waitFor();
  assert.deepEqual(page.problems, []);
});
