// Replay: it runs beside the page, shows how far it is, and can be cancelled.
import assert from "node:assert/strict";
import { at, place, ready, start } from "./driver.mjs";
import { pageTest } from "./harness.mjs";

/** Drops a capture of a million packets of 60 bytes, built in the page from one block of a thousand. */
const dropMillion = (page) =>
  page.evaluate(() => {
    const header = new DataView(new ArrayBuffer(24));
    header.setUint32(0, 0xa1b2c3d4, true);
    header.setUint16(4, 2, true);
    header.setUint16(6, 4, true);
    header.setUint32(16, 65535, true);
    header.setUint32(20, 1, true);
    const block = new DataView(new ArrayBuffer(1000 * 76));
    for (let packet = 0; packet < 1000; packet += 1) {
      const at = packet * 76;
      block.setUint32(at + 8, 60, true);
      block.setUint32(at + 12, 60, true);
      block.setUint16(at + 16 + 12, 0x0800);
      block.setUint8(at + 16 + 14, 0x45);
      block.setUint16(at + 16 + 16, 46);
      block.setUint8(at + 16 + 23, packet % 2 ? 6 : 17);
    }
    const transfer = new DataTransfer();
    transfer.items.add(new File([header, ...Array(1000).fill(block)], "million.pcap"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });

/** Starts to measure the longest time for which the page's thread did not answer. */
const watch = (page) =>
  page.evaluate(() => {
    globalThis.longest = 0;
    let last = performance.now();
    globalThis.watching = setInterval(() => {
      const now = performance.now();
      globalThis.longest = Math.max(globalThis.longest, now - last);
      last = now;
    }, 10);
  });

const cancel = (page) => page.getByRole("button", { name: "Cancel the replay" });

pageTest("a replay of a million packets leaves the page responsive and can be cancelled", async ({ page }) => {
  await dropMillion(page);
  await cancel(page).waitFor();
  await watch(page);
  await page.locator(".progress").waitFor({ state: "attached" });
  await page.waitForFunction(() => Number(document.querySelector(".progress")?.getAttribute("aria-valuenow")) >= 1);
  const { packet } = await place(page);
  await page.keyboard.press("n");
  await at(page, { packet: packet + 1 });
  await page.keyboard.press("r");
  await cancel(page).waitFor({ state: "detached" });
  const { packets } = await place(page);
  assert.ok(packets > 0 && packets < 1_000_000, `cancelled at ${packets}`);
  const longest = await page.evaluate(() => globalThis.longest);
  assert.ok(longest < 500, `the page did not answer for ${longest} ms`);
  await page.waitForTimeout(300);
  assert.equal((await place(page)).packets, packets, "it went on after it was cancelled");
  await start(page);
  await page.keyboard.press("ArrowRight");
  await at(page, { step: 1 });
});

pageTest("a million rows scroll: any of them is there within a moment", async ({ page }) => {
  await dropMillion(page);
  await cancel(page).waitFor();
  await cancel(page).waitFor({ state: "detached", timeout: 90_000 });
  await at(page, { packets: 1_000_000 });
  await page.getByRole("grid", { name: "Packets" }).focus();
  await page.keyboard.press("End");
  await at(page, { packet: 1_000_000 });
  await page.locator("#packet-999999 .badge").waitFor({ timeout: 5_000 });
  await page.evaluate(() => {
    const rows = document.querySelector(".rows");
    rows.scrollTop = rows.scrollHeight / 2;
  });
  await page.waitForFunction(() => {
    const first = document.querySelector(".row:not(.head)");
    const index = Number(first?.getAttribute("aria-rowindex"));
    return index > 490_000 && index < 510_000 && first.querySelector(".badge");
  });
  const first = () => page.evaluate(() => Number(document.querySelector(".row:not(.head)").getAttribute("aria-rowindex")));
  const before = await first();
  await page.locator(".rows").hover();
  await page.mouse.wheel(0, 260);
  await page.waitForFunction((before) => Number(document.querySelector(".row:not(.head)").getAttribute("aria-rowindex")) === before + 10, before);
});

pageTest("replaying again gives the same counts", async ({ page }) => {
  const sums = await page.locator(".sums").innerText();
  const counts = await page.locator(".cm-counts").innerText();
  const { packet } = await place(page);
  await page.getByRole("button", { name: "Replay", exact: true }).locator("visible=true").click();
  await page.waitForTimeout(100);
  await ready(page);
  assert.equal(await page.locator(".sums").innerText(), sums);
  assert.equal(await page.locator(".cm-counts").innerText(), counts);
  await at(page, { packet });
});
