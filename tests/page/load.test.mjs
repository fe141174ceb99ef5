// The page as it comes: it loads, works without any other host, and stays within its size.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ready } from "./driver.mjs";
import { DIST, PHONE, pageTest } from "./harness.mjs";
import { BUDGET, pageSize } from "./size.mjs";
import { serve } from "./server.mjs";

pageTest("the page loads with its scenario and without an error", async ({ page }) => {
  assert.match(await page.title(), /bpfscope/);
});

pageTest(
  "the page loads on a phone and does not scroll sideways",
  async ({ page }) => {
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `content is ${content} wide, the window ${window}`);
  },
  { size: PHONE, theme: "light" },
);

pageTest("once loaded, the page opens and teaches without a network", async ({ page }) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: /Count packets/ }).click();
  await page.getByRole("menuitemradio").last().click();
  await page.waitForFunction(() => !document.querySelector(".picker .title").textContent.includes("Count packets"));
  await ready(page);
  assert.equal(await page.locator(".problem").count(), 0);
});

pageTest("the editor's bundle offers its one function", async ({ page }) => {
  assert.equal(await page.evaluate(() => typeof globalThis.bpfscopeEditor?.create), "function");
});

test("wasm and script stay within their budget when compressed", () => {
  const { compressed, files } = pageSize(DIST);
  assert.ok(compressed <= BUDGET, `${compressed} bytes of at most ${BUDGET}: ${JSON.stringify(files)}`);
});

test("the built page names no host and no absolute path", () => {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  assert.doesNotMatch(html, /(?:src|href)="(?:[a-z]+:\/\/|\/)/);
});

test("the server sends wasm as wasm and nothing from outside its directory", async () => {
  const server = await serve(DIST);
  try {
    const wasm = readdirSync(DIST).find((name) => name.endsWith(".wasm"));
    const answer = await fetch(server.url + wasm);
    assert.equal(answer.headers.get("content-type"), "application/wasm");
    await answer.arrayBuffer();
    for (const path of ["..%2fCargo.toml", "%2e%2e/Cargo.toml", "nothing.js", "%zz", "%00"]) {
      const refused = await fetch(server.url + path);
      assert.equal(refused.status, 404, path);
      await refused.text();
    }
  } finally {
    await server.close();
  }
});
