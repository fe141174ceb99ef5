// Stepping: forwards, backwards, by the timeline, by keys; and what is shown on the way.
import assert from "node:assert/strict";
import { at, place, shown, start } from "./driver.mjs";
import { pageTest } from "./harness.mjs";

const press = (page, key) => page.keyboard.press(key);

pageTest("the first lesson runs over its capture: every packet has a verdict, every line its count", async ({ page }) => {
  const { packets } = await place(page);
  assert.ok(packets > 100, `${packets} packets`);
  assert.equal(await page.textContent(".picker .title span"), "Count packets by protocol");
  assert.equal(await page.locator(".row:not(.head)").first().locator(".badge").count(), 1);
  const counts = await page.locator(".cm-counts").innerText();
  assert.ok(counts.split("\n").includes(packets.toLocaleString("en")), counts);
});

pageTest("stepping to the end and back to the start shows the start as it was", async ({ page }) => {
  const { steps } = await start(page);
  const before = await shown(page);
  for (let step = 1; step <= steps; step += 1) {
    await press(page, "ArrowRight");
    await at(page, { step });
  }
  const end = await shown(page);
  assert.notEqual(end, before);
  assert.match(end, /TC_ACT_OK/);
  for (let step = steps - 1; step >= 0; step -= 1) {
    await press(page, "ArrowLeft");
    await at(page, { step });
  }
  assert.equal(await shown(page), before);
});

pageTest("every step is the same from before and from behind", async ({ page }) => {
  const { steps } = await start(page);
  const forwards = [await shown(page)];
  for (let step = 1; step <= steps; step += 1) {
    await press(page, "ArrowRight");
    await at(page, { step });
    forwards.push(await shown(page));
  }
  for (let step = steps; step > 0; step -= 1) {
    assert.equal(await shown(page), forwards[step], `step ${step}`);
    await press(page, "ArrowLeft");
    await at(page, { step: step - 1 });
  }
});

pageTest("the buttons step, and those that lead nowhere are disabled", async ({ page }) => {
  const button = (name) => page.getByRole("button", { name, exact: true });
  await button("To the end").click();
  const { steps } = await place(page);
  await at(page, { step: steps });
  assert.ok(await button("One step forward").isDisabled());
  await button("One step back").click();
  await at(page, { step: steps - 1 });
  await button("To the start").click();
  await at(page, { step: 0 });
  assert.ok(await button("One step back").isDisabled());
  await button("One step forward").click();
  await at(page, { step: 1 });
});

pageTest("the timeline seeks by pointer and by key", async ({ page }) => {
  const track = page.getByRole("slider", { name: "Step" });
  const { steps } = await place(page);
  const box = await track.boundingBox();
  await page.mouse.move(box.x + 2, box.y + box.height / 2);
  await page.mouse.down();
  await at(page, { step: 0 });
  for (const share of [0.2, 0.7, 0.5]) await page.mouse.move(box.x + box.width * share, box.y + 5);
  await at(page, { step: Math.round(steps / 2) });
  await page.mouse.up();
  await page.mouse.move(box.x + box.width, box.y);
  await page.waitForTimeout(100);
  await at(page, { step: Math.round(steps / 2) });
  await track.focus();
  await press(page, "End");
  await at(page, { step: steps });
  await press(page, "ArrowDown");
  await at(page, { step: steps - 1 });
  assert.equal(await track.getAttribute("aria-valuenow"), String(steps - 1));
});

pageTest("a map changes at one step, and is as before one step back", async ({ page }) => {
  // The lesson counts: among its first packets there is an IPv4 one, which ends with the map changed.
  const entries = () => page.locator(".entries tbody").allInnerTexts();
  for (let packet = 0; packet < 12 && (await page.locator(".track u.map").count()) === 0; packet += 1) {
    const here = await place(page);
    await press(page, "n");
    await at(page, { packet: here.packet + 1 });
  }
  assert.ok((await page.locator(".track u.map").count()) > 0, "no packet changed the map");
  const { steps } = await start(page);
  const before = await entries();
  await press(page, "End");
  await at(page, { step: steps });
  const end = await entries();
  assert.notDeepEqual(end, before);
  await start(page);
  assert.deepEqual(await entries(), before);
});

pageTest("a field that was read leads to its bytes and to its step", async ({ page }) => {
  await press(page, "End");
  const { steps } = await place(page);
  await at(page, { step: steps });
  const field = page.locator(".field.rd").first();
  await field.hover();
  assert.ok((await page.locator(".hex .bytes .at").count()) > 0);
  assert.ok((await page.locator(".hex .bytes .rd").count()) > 0);
  const step = Number((await field.getByRole("button").first().textContent()).match(/\d+/)[0]);
  await field.getByRole("button").first().click();
  await at(page, { step });
});

pageTest("a click on a line number runs to that line", async ({ page }) => {
  await start(page);
  const line = await page.locator(".cm-now").innerText();
  const third = page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^\d+$/ });
  const numbers = await third.allInnerTexts();
  const counted = await page.locator(".cm-counts .cm-gutterElement").allInnerTexts();
  assert.ok(counted.length > 0);
  await press(page, "ArrowRight");
  await press(page, "ArrowRight");
  await at(page, { step: 2 });
  const there = await page.evaluate(() => {
    const now = document.querySelector(".cm-now").getBoundingClientRect();
    const gutter = [...document.querySelectorAll(".cm-lineNumbers .cm-gutterElement")];
    return gutter.find((element) => Math.abs(element.getBoundingClientRect().top - now.top) < 3).textContent;
  });
  assert.ok(numbers.includes(there));
  await start(page);
  assert.equal(await page.locator(".cm-now").innerText(), line);
  await third.filter({ hasText: new RegExp(`^${there}$`) }).click();
  await at(page, { step: 2 });
});

pageTest("numbers are written as hex, dec or sym", async ({ page }) => {
  const frame = () => page.locator(".regs .reg").nth(10).locator("b").innerText();
  await page.getByRole("radio", { name: "sym" }).click();
  assert.match(await frame(), /^fp/);
  await page.getByRole("radio", { name: "hex" }).click();
  assert.match(await frame(), /^0x[0-9a-f]+$/);
  await press(page, "x");
  assert.match(await frame(), /^-?\d+$/);
});
