// What came out of a replay: frames by interface, and what programs said.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { at } from "./driver.mjs";
import { PHONE, pageTest } from "./harness.mjs";

const lesson = async (page, title) => {
  await page.locator(".picker .title").click();
  await page.getByRole("menuitemradio", { name: title }).click();
  await page.waitForFunction((title) => document.querySelector(".picker .title")?.innerText.includes(title), title);
};
const names = (page) => page.locator(".lists .run").allInnerTexts();
const choose = (page, name) => page.locator(".lists .run", { hasText: name }).click();

/** The frames of a pcap of little-endian byte order. */
const frames = (file) => {
  const found = [];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    found.push(file.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return found;
};

pageTest("what left an interface is listed, shown as it left, and saved as a pcap", async ({ page }) => {
  await lesson(page, "Tag and redirect");
  await page.waitForFunction(() => document.querySelectorAll(".lists .run").length === 3);
  const [all, eth0, uplink] = (await names(page)).map((text) => text.split(/\s+/).pop());
  assert.equal(eth0, "0");
  assert.ok(Number(uplink) > 20 && Number(uplink) < Number(all), uplink);
  await choose(page, "uplink out");
  await page.waitForFunction(() => document.querySelector(".row.head")?.innerText.includes("what left"));
  const row = page.locator(".window .row").nth(1);
  await row.click();
  await at(page, { step: (step) => step > 10 });
  await page.locator(".layers", { hasText: "VLAN" }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".lists .save").click()]);
  assert.equal(download.suggestedFilename(), "mix-uplink-out.pcap");
  const saved = frames(readFileSync(await download.path()));
  assert.equal(saved.length, Number(uplink));
  assert.ok(saved.every((frame) => frame.readUInt16BE(12) === 0x8100 && frame.readUInt16BE(14) === 100));
});

pageTest("what programs print and send is listed by packet", async ({ page }) => {
  await lesson(page, "Events for user space");
  await page.locator(".lists .run", { hasText: "events" }).waitFor();
  await choose(page, "events");
  await page.waitForFunction(() => document.querySelector(".window .row")?.innerText.includes("ringbuf"));
  const text = await page.locator(".window").innerText();
  assert.match(text, /ringbuf → events/);
  assert.match(text, /SYN from a[0-9a-f]+ to :\d+/);
  const packet = await page.locator(".window .row").first().locator("span").first().innerText();
  await page.locator(".window .row").first().click();
  await at(page, { packet: Number(packet) });
  await page.locator(".output .reg", { hasText: "events" }).waitFor();
});

pageTest("another program has lists of its own", async ({ page }) => {
  await lesson(page, "Tag and redirect");
  await page.waitForFunction(() => document.querySelectorAll(".lists .run").length === 3);
  await choose(page, "uplink out");
  await lesson(page, "Rewrite a header");
  await page.waitForFunction(() => document.querySelectorAll(".lists .run").length === 2);
  assert.equal(await page.locator(".lists .run.on").innerText().then((text) => text.split(/\s+/)[0]), "in");
});

pageTest(
  "a phone has the lists, too",
  async ({ page }) => {
    await page.getByRole("button", { name: "Packets", exact: true }).click();
    await choose(page, "out");
    await page.waitForFunction(() => document.querySelector(".row.head")?.innerText.includes("what left"));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `${wide} wide`);
  },
  { size: PHONE },
);
