// What every browser test starts from: the built page on a loopback server, in Debian's Chromium,
// with a fresh profile, and with everything that goes wrong on the page collected.
//
//     import { pageTest } from "./harness.mjs";
//     pageTest("the example is loaded", async ({ page }) => { … });
//
// A test fails by itself when the page logs an error, throws, loses a request, or asks any host but
// its own. On a failure, target/shots/failed-NAME.png shows the page as it was.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** The built page: `cargo xtask test` builds it before these tests. */
export const DIST = join(ROOT, "dist");
export const SHOTS = join(ROOT, "target/shots");
export const DESKTOP = { width: 1440, height: 900 };
export const LAPTOP = { width: 1280, height: 720 };
export const PHONE = { width: 390, height: 844 };

/** The page says by this attribute, on any element, that its scenario is loaded and replayed. */
const READY = "[data-ready]";
const READY_MS = 30_000;

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let shared = null;

/** The server and the browser of this test file, started by its first test. */
function start() {
  shared ??= (async () => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error(`no page in ${DIST}: run \`cargo xtask test\``);
    const server = await serve(DIST);
    // Playwright gives every launch a new profile directory and deletes it afterwards.
    const browser = await chromium.launch({ executablePath: BROWSER, headless: true, args: BROWSER_ARGS });
    return { server, browser };
  })();
  return shared;
}

/** Ends what `start` started. */
export async function stop() {
  const running = await shared?.catch(() => null);
  shared = null;
  await running?.browser.close();
  await running?.server.close();
}

/**
 * Opens the page.
 *
 * @param {object} options
 * @param {string} [options.path] what follows the address: `#…` opens a link
 * @param {"dark"|"light"} [options.theme] the colour scheme that the browser asks for
 * @param {{width: number, height: number}} [options.size]
 * @param {boolean} [options.wait] false returns before the scenario is ready
 * @param {boolean} [options.blank] true opens an empty page instead
 * @returns {Promise<{page, errors: string[], url: string, close: () => Promise<void>}>}
 */
export async function open({ path = "", theme = "dark", size = DESKTOP, wait = true, blank = false } = {}) {
  const { server, browser } = await start();
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => errors.push(`thrown: ${error.message}`));
  page.on("requestfailed", (request) => errors.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && `${origin}/` !== server.url) errors.push(`request to another host: ${request.url()}`);
  });
  const url = blank ? "about:blank" : server.url + path;
  await page.goto(url);
  if (wait && !blank) {
    await page.waitForSelector(READY, { state: "attached", timeout: READY_MS }).catch((error) => {
      throw new Error([error.message, ...errors].join("\n"));
    });
  }
  return { page, errors, url, close: () => context.close() };
}

/**
 * A test of the page: opens it, runs `body`, and fails if the page itself reported an error.
 *
 * @param {string} name the rule that is tested
 * @param {(opened: {page, errors: string[], url: string}) => Promise<void>} body takes what it expects out of `errors`
 * @param {object} [options] as for `open`
 */
export function pageTest(name, body, options = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const opened = await open(options);
    try {
      await body(opened);
      if (opened.errors.length > 0) throw new Error(`the page reported:\n${opened.errors.join("\n")}`);
    } catch (error) {
      mkdirSync(SHOTS, { recursive: true });
      const file = join(SHOTS, `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`);
      await opened.page.screenshot({ path: file }).catch(() => {});
      throw error;
    } finally {
      await opened.close();
    }
  });
}

after(stop);
