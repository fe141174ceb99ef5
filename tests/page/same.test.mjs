// The same scenario, in the page's WebAssembly and in the native command: every lesson, by its link.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { COMMAND } from "./command.mjs";
import { ready } from "./driver.mjs";
import { ROOT, pageTest } from "./harness.mjs";

const LESSONS = JSON.parse(readFileSync(join(ROOT, "lessons/index.json"), "utf8"));
const number = (text) => Number(text.replaceAll(",", ""));

/** What the command makes of a link: verdicts, and how many records were sent. */
async function natively(link) {
  const { stdout } = await promisify(execFile)(COMMAND, ["replay", link, "--format", "json"]);
  const { verdicts, events } = JSON.parse(stdout);
  return { verdicts: Object.fromEntries(Object.entries(verdicts).filter(([, count]) => count > 0)), events };
}

/** What the page shows of it. */
async function onPage(page) {
  const verdicts = {};
  for (const sum of await page.locator(".sum").all()) {
    verdicts[await sum.locator(".badge").getAttribute("title")] = number(await sum.locator("b").innerText());
  }
  const list = page.locator(".lists .run", { hasText: "events" });
  let events = 0;
  if ((await list.count()) > 0) {
    await list.click();
    await page.waitForFunction(() => document.querySelector(".row.head")?.innerText.includes("how"));
    // A line that is printed is no record. The lessons say little: all of it is on one screen, or asked for by its count.
    const rows = number(await list.locator("b").innerText());
    await page.locator(".window .row").first().waitFor();
    const shown = await page.locator(".window .row").allInnerTexts();
    assert.ok(shown.length === rows, `${shown.length} of ${rows} rows are on screen`);
    events = shown.filter((text) => !text.includes("trace_printk")).length;
  }
  return { verdicts, events };
}

for (const { name, title } of LESSONS) {
  pageTest(`${name} comes to the same on the page as in the command`, async ({ page, url }) => {
    await page.locator(".picker .title").click();
    await page.locator("[role=menuitemradio]", { has: page.getByText(title, { exact: true }) }).click();
    await page.waitForFunction((title) => document.querySelector(".picker .title span")?.innerText === title, title);
    await ready(page);
    await page.keyboard.press("s");
    await page.waitForFunction((url) => location.href !== url, url);
    const link = await page.evaluate(() => location.href);
    assert.deepEqual(await onPage(page), await natively(link));
  });
}
