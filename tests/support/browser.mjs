// A real browser: Debian's Chromium, driven by Playwright.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { after } from "node:test";

import { chromium } from "playwright-core";

import { DEADLINE_MS } from "./deadline.mjs";
import { listenInOn } from "./described.mjs";

const PROGRAM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Where pictures go, if anybody wants to look: SCREENSHOTS=folder. */
const PICTURES = process.env.SCREENSHOTS;

/** The browser of a test file, with more arguments. `page(options)` opens a page of somebody who has no cookies yet. */
export async function browser({ args = [] } = {}) {
  assert.ok(PROGRAM, "Chromium is not installed: `make test` installs it, or install the package chromium");
  const program = await chromium.launch({
    executablePath: PROGRAM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args],
  });
  after(() => program.close());
  return {
    async page(options = {}) {
      const context = await program.newContext({ viewport: { width: 900, height: 760 }, locale: "en-GB", timezoneId: "UTC", ...options });
      context.setDefaultTimeout(DEADLINE_MS);
      const page = await context.newPage();
      page.problems = [];
      listenInOn(page);
      page.on("pageerror", (error) => page.problems.push(String(error)));
      // What the content security policy forbids, and scripts that fail. Refusals of the service are no problems.
      page.on("console", (line) => {
        if (line.type() === "error" && !line.text().includes("Failed to load resource")) page.problems.push(line.text());
      });
      return page;
    },
  };
}

/** A picture for people to look at. */
export async function picture(page, name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}
