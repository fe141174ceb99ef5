// How the page looks: both themes, every size.
import assert from "node:assert/strict";
import { poorContrasts } from "./contrast.mjs";
import { place, ready } from "./driver.mjs";
import { DESKTOP, LAPTOP, PHONE, pageTest } from "./harness.mjs";

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

for (const [theme, colour, other] of [["dark", "rgb(15, 18, 22)", "rgb(244, 246, 249)"], ["light", "rgb(244, 246, 249)", "rgb(15, 18, 22)"]]) {
  pageTest(
    `the page is ${theme} as the system wishes, the other when asked, and stays so`,
    async ({ page }) => {
      assert.equal(await background(page), colour);
      await page.keyboard.press("t");
      assert.equal(await background(page), other);
      await page.reload();
      await ready(page);
      assert.equal(await background(page), other);
    },
    { theme },
  );

  pageTest(
    `text has a contrast of at least 4.5 in the ${theme} theme`,
    async ({ page }) => {
      await page.keyboard.press("End");
      const poor = await page.evaluate(poorContrasts);
      assert.deepEqual(poor, []);
    },
    { theme },
  );
}

for (const size of [DESKTOP, LAPTOP]) {
  pageTest(
    `all three panels and the steps are on a screen of ${size.width} by ${size.height}`,
    async ({ page }) => {
      for (const selector of [".code", ".list", ".detail", ".hex", ".machine", ".footer", ".track"]) {
        const box = await page.locator(selector).first().boundingBox();
        assert.ok(box && box.width > 100 && box.height > 20, `${selector}: ${JSON.stringify(box)}`);
        assert.ok(box.x >= 0 && box.x + box.width <= size.width + 1 && box.y + box.height <= size.height + 1, `${selector}: ${JSON.stringify(box)}`);
      }
    },
    { size },
  );
}

pageTest(
  "a phone shows one panel at a time, with the steps in reach of the thumb",
  async ({ page }) => {
    const visible = () => page.evaluate(() => [".code", ".list", ".machine"].map((panel) => document.querySelector(panel).getClientRects().length > 0));
    assert.deepEqual(await visible(), [true, false, false]);
    await page.getByRole("button", { name: "Packets", exact: true }).click();
    assert.deepEqual(await visible(), [false, true, false]);
    const row = page.locator(".row.on + .row");
    await row.click();
    await page.waitForFunction(() => document.querySelector(".row.on"));
    await page.getByRole("button", { name: "State", exact: true }).click();
    assert.deepEqual(await visible(), [false, false, true]);
    assert.ok((await place(page)).steps > 0);
    for (const button of await page.locator(".steps button").all()) {
      const box = await button.boundingBox();
      assert.ok(box.height >= 44 && box.width >= 34, JSON.stringify(box));
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `${wide} wide`);
  },
  { size: PHONE },
);

pageTest(
  "a phone has room for the lesson's title, beside the verdict in words",
  async ({ page }) => {
    const title = page.locator(".picker .title span").first();
    const [whole, room] = await title.evaluate((span) => [span.scrollWidth, span.clientWidth]);
    assert.ok(whole <= room, `${await title.textContent()}: ${whole} in ${room}`);
    assert.match(await page.locator(".chip.verdict").innerText(), /^✓\s*accepted$/);
    for (const control of await page.locator(".header > *:visible").all()) {
      const box = await control.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box));
    }
  },
  { size: PHONE },
);
