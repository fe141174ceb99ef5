// Links: the address holds program, capture and place; a bad one is named and the page opens all the same.
import assert from "node:assert/strict";
import { at, drop, frame, pcap, place, problem, ready, shown, start } from "./driver.mjs";
import { open, pageTest } from "./harness.mjs";

/** Presses Share and gives the fragment that was copied. */
async function share(page) {
  await page.keyboard.press("s");
  await page.locator(".toast").first().waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, page.url());
  return new URL(copied).hash;
}

/** The page at another address, closed afterwards. */
async function opened(path, body) {
  const other = await open({ path });
  try {
    await body(other.page);
    assert.deepEqual(other.errors, []);
  } finally {
    await other.close();
  }
}

pageTest("a link opens the same program at the same packet and step", async ({ page }) => {
  const { packet } = await place(page);
  await page.keyboard.press("n");
  await page.keyboard.press("n");
  await at(page, { packet: packet + 2 });
  await start(page);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await at(page, { step: 2 });
  const fragment = await share(page);
  const here = await shown(page);
  await opened(fragment, async (other) => assert.equal(await shown(other), here));
});

pageTest("a link holds a small capture that was dropped, and an edited program", async ({ page }) => {
  await drop(page, "mine.pcap", pcap([frame(17), frame(6)]));
  await at(page, { packets: 2 });
  await drop(page, "two.s", '.license "GPL"\n.section tc\n.globl two\ntwo:\n\tr0 = 2\n\texit\n');
  await page.locator(".sums .badge", { hasText: "SHOT" }).waitFor();
  const fragment = await share(page);
  await opened(fragment, async (other) => {
    await at(other, { packets: 2 });
    assert.match(await other.locator(".cm-content").innerText(), /r0 = 2/);
  });
});

pageTest("another link in the same address is opened without reloading", async ({ page }) => {
  await start(page);
  await page.keyboard.press("ArrowRight");
  await at(page, { step: 1 });
  const fragment = await share(page);
  await page.getByRole("button", { name: /Count packets/ }).click();
  await page.getByRole("menuitemradio").nth(2).click();
  await page.locator(".picker .title span", { hasText: "Drop DNS" }).waitFor();
  await page.evaluate((fragment) => (location.hash = ""), fragment);
  await page.evaluate((fragment) => (location.hash = fragment), fragment);
  await page.locator(".picker .title span", { hasText: "Count packets" }).waitFor();
  await ready(page);
  await at(page, { step: 1 });
});

for (const [what, fragment, message] of [
  ["damaged", "#1.eNqrVkrLz1eyUkpKLFKqBQ", /damaged/],
  ["without version", "#nonsense", /damaged|version/],
  ["of a later version", "#99.eNo", /99/],
]) {
  pageTest(
    `a link that is ${what} is named, and the first lesson opens`,
    async ({ page }) => {
      assert.match(await problem(page), message);
      await page.locator(".picker .title span", { hasText: "Count packets" }).waitFor();
      assert.ok((await place(page)).packets > 0);
    },
    { path: fragment },
  );
}

pageTest("where the clipboard is refused, the link is shown to be copied by hand", async ({ page }) => {
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
  });
  await page.keyboard.press("s");
  const field = page.getByRole("dialog", { name: "Share this link" }).getByRole("textbox");
  await field.waitFor();
  assert.equal(await field.inputValue(), page.url());
  assert.match(page.url(), /#1\./);
});
