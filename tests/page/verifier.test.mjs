// The verifier: the chip, the line and the words of a rejection, the states that were explored, the log.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { poorContrasts } from "./contrast.mjs";
import { at, drop, place } from "./driver.mjs";
import { DESKTOP, PHONE, ROOT, open, pageTest } from "./harness.mjs";

const chip = (page) => page.locator(".chip.verdict");
const says = (page, verdict) => page.waitForSelector(`.chip.verdict[aria-label="Linux 6.18: ${verdict}"]`);

const LESSON = readFileSync(join(ROOT, "lessons/count-tc.s"), "utf8").split("\n");

/** The dark theme's `--pass` and `--drop`. */
const GREEN = "rgb(95, 211, 141)";
const RED = "rgb(255, 122, 122)";

/** Clicks the number of the lesson's line that holds `text`. */
async function clickLine(page, text) {
  const line = LESSON.findIndex((line) => line.includes(text)) + 1;
  await page.locator(".cm-scroller").evaluate((area, line) => area.scrollTo(0, (line - 10) * 20), line);
  await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: new RegExp(`^${line}$`) }).click();
}

/** Makes a comment of the comparison that makes the lesson's loads safe. */
async function breakIt(page) {
  await page.locator(".cm-line", { hasText: "if r4 > r3 goto out" }).click();
  await page.keyboard.press("Home");
  await page.keyboard.type("# ");
  await says(page, "rejected");
}

/** What the footer says of the verification. */
async function step(page) {
  const text = await page.textContent(".where > span");
  const [step, steps, path] = (text.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(",", "")));
  return { step, steps, path };
}

const toVerifier = async (page) => {
  await page.keyboard.press("v");
  await page.waitForFunction(() => /path \d/.test(document.querySelector(".where > span")?.textContent ?? ""));
};
const reaches = (page, selector, text) =>
  page.waitForFunction(([selector, text]) => document.querySelector(selector)?.textContent.includes(text), [selector, text]);

pageTest("without its bounds check the lesson is rejected, at its line and in the kernel's words; undo mends it", async ({ page }) => {
  await says(page, "accepted");
  assert.match(await chip(page).textContent(), /accepted · 31 instructions/);
  const colour = () => chip(page).evaluate((chip) => getComputedStyle(chip).color);
  assert.equal(await colour(), GREEN);
  await breakIt(page);
  assert.equal(await colour(), RED);
  assert.match(await page.textContent(".cm-line.cm-rejected"), /eth->h_proto/);
  assert.equal(await page.locator(".cm-lint-marker-error").count(), 1);
  assert.equal((await page.locator(".cm-lintRange-error").allTextContents()).join(""), "r5 = *(u16 *)(r2 + 12)");
  const words = page.locator(".code > .rejected");
  assert.match(await words.locator(".message").textContent(), /^invalid access to packet, off=12 size=2, R2\(/);
  const explained = await words.textContent();
  assert.ok(explained.length > 200 && explained.startsWith("invalid access to packet"), explained);
  assert.ok((await page.locator(".where > span").first().textContent()).includes("packet"), "the replay goes on beside it");
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+z");
  await says(page, "accepted");
  assert.equal(await colour(), GREEN);
  assert.equal(await page.locator(".cm-rejected, .code > .rejected, .cm-lintRange-error").count(), 0);
});

pageTest("the chip opens the verifier, where the program was rejected", async ({ page }) => {
  await breakIt(page);
  await chip(page).click();
  await reaches(page, ".path .end", "rejected here");
  assert.match(await page.textContent(".verifier .message"), /^invalid access to packet/);
  assert.match(await page.textContent(".cm-now"), /eth->h_proto/);
  assert.match(await page.textContent(".log .line.on"), /r5 = \*\(u16 \*\)\(r2 \+12\)/);
  const { step: here, steps } = await step(page);
  assert.equal(here, steps);
  const known = await page.textContent(".known");
  assert.match(known, /r2pkt\(r=0\)/);
});

pageTest("keys step through the verifier as through the program", async ({ page }) => {
  await toVerifier(page);
  await page.keyboard.press("Home");
  await reaches(page, ".where > span", "step 1 of");
  await page.keyboard.press("ArrowRight");
  await reaches(page, ".where > span", "step 2 of");
  await page.keyboard.press("ArrowLeft");
  await reaches(page, ".where > span", "step 1 of");
  await page.keyboard.press("n");
  await reaches(page, ".where > span", "path 2");
  await page.keyboard.press("p");
  await reaches(page, ".where > span", "path 1");
  await page.keyboard.press("End");
  await page.waitForFunction(() => /step (\d+) of \1 /.test(document.querySelector(".where > span").textContent));
  await page.keyboard.press("v");
  await reaches(page, ".where > span", "packet");
  const { packet } = await place(page);
  await page.keyboard.press("n");
  await at(page, { packet: packet + 1 });
});

pageTest("visits of an instruction are gone through, and one that is left out says so", async ({ page }) => {
  await toVerifier(page);
  await clickLine(page, "TC_ACT_OK");
  await reaches(page, ".visit", "r0 = 0");
  const visits = Number((await page.textContent(".turn")).match(/of (\d+)/)[1]);
  assert.ok(visits > 1, `${visits} visits`);
  const ends = new Set();
  for (let visit = 0; visit < visits; visit += 1) {
    const before = await page.textContent(".turn");
    ends.add(await page.locator(".path .end").textContent({ timeout: 500 }).catch(() => ""));
    await page.keyboard.press("]");
    await page.waitForFunction((before) => document.querySelector(".turn").textContent !== before, before);
  }
  assert.ok([...ends].some((end) => end.includes("explored before covers this one")), [...ends].join("; "));
});

pageTest("the path that led to a step is marked in the text, with the branches it took", async ({ page }) => {
  await toVerifier(page);
  await clickLine(page, "the first of its kind");
  await reaches(page, ".visit", "*(u64 *)(r10 -16) = r1");
  const path = (await page.locator(".cm-path").allTextContents()).join("\n");
  assert.match(path, /call bpf_map_lookup_elem/);
  assert.doesNotMatch(path, /lock/);
  assert.match((await page.locator(".branches li").allTextContents()).at(-1), /if r0 == 0x0.*jumps/);
  await page.locator(".branches button").first().click();
  await reaches(page, ".visit", "if r4 > r3");
});

pageTest("beside a value stands what the verifier proved of it", async ({ page }) => {
  await page.keyboard.press("Home");
  await clickLine(page, "the key");
  await reaches(page, ".machine", "∈ [0, 255]");
  const regs = await page.locator(".machine .reg").allTextContents();
  assert.ok(regs.some((reg) => /^r5\d+∈ \[0, 255\]$/.test(reg)), regs.join("\n"));
  assert.ok(regs.some((reg) => /^r2pkt.*pkt, 34 bytes proven$/.test(reg)), regs.join("\n"));
});

pageTest("the log follows the step, and a line of it leads to its step", async ({ page }) => {
  await toVerifier(page);
  await page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
  await page.locator(".log .line", { hasText: /^0: \(bf\) r6 = r1/ }).click();
  await reaches(page, ".where > span", "step 1 of");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector(".log .line.on"));
  await page.locator(".log").focus();
  await page.locator(".log").evaluate((log) => log.scrollTo(0, log.scrollHeight));
  await page.locator(".log .line", { hasText: /^processed \d+ insns/ }).waitFor();
});

/** A loop that the verifier follows for a million instructions, and then rejects. */
const MILLION = ".section socket\n\tr1 = 0\nl:\tr1 += 1\n\tif r1 < 600000 goto l\n\tr0 = 0\n\texit\n";

pageTest("a verification of a million instructions shows how far it is, and what of it is kept", async ({ page }) => {
  const begun = Date.now();
  await drop(page, "million.s", Buffer.from(MILLION));
  await page.waitForSelector(".chip.verdict.busy");
  await page.keyboard.press("v");
  await page.locator(".meter").waitFor();
  await says(page, "rejected");
  console.log(`# a million instructions verified in the page in ${Date.now() - begun} ms`);
  await reaches(page, ".verifier .message", "BPF program is too large. Processed 1000001 insn");
  await reaches(page, ".said .quiet", "not kept to look at");
});

pageTest("a verification can be stopped, and begun again", async ({ page }) => {
  await drop(page, "million.s", Buffer.from(MILLION));
  await page.waitForSelector(".chip.verdict.busy");
  await page.keyboard.press("v");
  await page.getByRole("button", { name: "Stop verifying" }).click();
  await says(page, "not verified");
  await page.getByRole("button", { name: "Verify again" }).click();
  await says(page, "rejected");
});

pageTest("another kernel's rules are chosen, kept in the link, and begin a verification", async ({ page }) => {
  await page.getByRole("combobox", { name: "Kernel" }).first().selectOption("5.10");
  await page.waitForSelector('.chip.verdict[aria-label^="Linux 5.10: "]');
  await page.keyboard.press("s");
  await page.waitForFunction(() => location.hash.length > 10);
  const again = await open({ path: await page.evaluate(() => location.hash) });
  await again.page.waitForSelector('.chip.verdict[aria-label^="Linux 5.10: "]');
  await again.close();
});

for (const theme of ["dark", "light"]) {
  pageTest(
    `what the verifier says has a contrast of at least 4.5 in the ${theme} theme`,
    async ({ page }) => {
      await toVerifier(page);
      assert.deepEqual(await page.evaluate(poorContrasts), []);
      await page.keyboard.press("v");
      await breakIt(page);
      assert.deepEqual(await page.evaluate(poorContrasts), []);
      await chip(page).click();
      await reaches(page, ".path .end", "rejected here");
      assert.deepEqual(await page.evaluate(poorContrasts), []);
    },
    { theme },
  );
}

for (const size of [DESKTOP, PHONE]) {
  pageTest(
    `the verifier fits a screen of ${size.width} by ${size.height}`,
    async ({ page }) => {
      await chip(page).click();
      await page.locator(".log .line.on").waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= size.width, `${wide} wide`);
      for (const selector of [".said", ".path", ".log", ".footer"]) {
        const box = await page.locator(selector).first().boundingBox();
        assert.ok(box && box.height > 20 && box.x >= 0 && box.x + box.width <= size.width + 1, `${selector}: ${JSON.stringify(box)}`);
        assert.ok(box.y + box.height <= size.height + 1, `${selector}: ${JSON.stringify(box)}`);
      }
    },
    { size },
  );
}
