// Starts Debian's Chromium and keeps an ear on everything a page complains about.
import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
}

/** A page of its own, and the list of what went wrong on it. `allow` are patterns of what a test provokes on purpose. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints = [];
  const allowed = [];
  const complain = (text) => {
    if (!allowed.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || /Content Security Policy/.test(message.text())) complain(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
  return { context, page, complaints, allow: (pattern) => allowed.push(pattern) };
}
