// The keyboard: every command has a key, and none fires while one writes.
import assert from "node:assert/strict";
import { at, place } from "./driver.mjs";
import { pageTest } from "./harness.mjs";

pageTest("n and p, j and k go from packet to packet", async ({ page }) => {
  const { packet } = await place(page);
  for (const [key, to] of [["n", packet + 1], ["j", packet + 2], ["k", packet + 1], ["p", packet]]) {
    await page.keyboard.press(key);
    await at(page, { packet: to });
  }
});

pageTest("in the packet list arrows and page keys choose, Home and End go to its ends", async ({ page }) => {
  const { packets } = await place(page);
  await page.getByRole("grid", { name: "Packets" }).focus();
  await page.keyboard.press("End");
  await at(page, { packet: packets });
  await page.keyboard.press("Home");
  await at(page, { packet: 1 });
  await page.keyboard.press("ArrowDown");
  await at(page, { packet: 2 });
  await page.keyboard.press("PageDown");
  const { packet: down } = await at(page, { packet: (number) => number > 4 });
  await page.keyboard.press("PageUp");
  const { packet: up } = await at(page, { packet: (number) => number < down });
  assert.equal(await page.locator(".row.on").getAttribute("aria-rowindex"), String(up));
});

pageTest("no press is lost, however quick", async ({ page }) => {
  const { packet } = await place(page);
  await page.evaluate(() => {
    for (let press = 0; press < 9; press += 1) window.dispatchEvent(new KeyboardEvent("keydown", { key: "n", cancelable: true }));
  });
  await at(page, { packet: packet + 9 });
});

pageTest("no shortcut fires while one writes in the editor; Escape leaves it", async ({ page }) => {
  const before = await place(page);
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.closest(".cm-editor"));
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# n j r s t ? x ");
  await page.waitForTimeout(800);
  assert.equal((await place(page)).packet, before.packet);
  assert.equal(await page.locator("dialog").count(), 0);
  assert.match(await page.locator(".cm-line").first().innerText(), /^# n j r s t \? x /);
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await at(page, { packet: before.packet + 1 });
});

pageTest("? lists the shortcuts, and no shortcut fires behind the list", async ({ page }) => {
  const before = await place(page);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  assert.ok((await dialog.locator("kbd").count()) > 15);
  await page.keyboard.press("n");
  await page.waitForTimeout(150);
  assert.deepEqual(await place(page), before);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

pageTest("every control has a name", async ({ page }) => {
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, [role=slider], [role=grid], [tabindex='0']")]
      .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim() || element.getAttribute("aria-labelledby")))
      .map((element) => element.outerHTML.slice(0, 120)),
  );
  assert.deepEqual(nameless, []);
});

pageTest("what has the focus shows it", async ({ page }) => {
  for (let press = 0; press < 6; press += 1) {
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return `${document.activeElement.tagName} ${style.outlineStyle} ${style.outlineWidth}`;
    });
    assert.match(outline, /solid 2px/, outline);
  }
});
