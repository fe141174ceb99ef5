// The built page in Debian's Chromium: on a loopback server, with a fresh profile, and with everything
// that goes wrong on the page collected. For tests see harness.mjs; pictures and measurements start here.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** Starts a browser; Playwright gives every launch a new profile directory and deletes it afterwards. */
export function launch() {
  return chromium.launch({ executablePath: BROWSER, headless: true, args: BROWSER_ARGS });
}

let shared = null;

/** The server and the browser of this test file, started by its first test. */
function start() {
  shared ??= (async () => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error(`no page in ${DIST}: run \`cargo xtask test\``);
    const browser = await launch();
    return { browser, server: await serve(DIST) };
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
 * @param {() => Promise<string>} [options.address] gives the address to open, of another server than that for dist/
 * @returns {Promise<{page, errors: string[], url: string, close: () => Promise<void>}>}
 */
export async function open({ path = "", theme = "dark", size = DESKTOP, wait = true, blank = false, address = null } = {}) {
  const { server, browser } = await start();
  const url = blank ? "about:blank" : address ? await address() : server.url + path;
  const home = address ? `${new URL(url).origin}/` : server.url;
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
  page.on("crash", () => errors.push("the page crashed"));
  page.on("requestfailed", (request) => errors.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && `${origin}/` !== home) errors.push(`request to another host: ${request.url()}`);
  });
  await page.goto(url);
  if (wait && !blank) {
    await page.waitForSelector(READY, { state: "attached", timeout: READY_MS }).catch((error) => {
      throw new Error([error.message, ...errors].join("\n"));
    });
  }
  return { page, errors, url, close: () => context.close() };
}
