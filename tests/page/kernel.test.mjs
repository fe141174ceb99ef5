// The page from `bpfscope serve --kernel`: the kernel of this machine has the word, the simulator stands beside it.
import assert from "node:assert/strict";
import { after } from "node:test";
import { serveKernel } from "./command.mjs";
import { poorContrasts } from "./contrast.mjs";
import { at, drop, place, problem } from "./driver.mjs";
import { pageTest } from "./harness.mjs";

let shared = null;
const server = () => (shared ??= serveKernel());
after(async () => (await shared?.catch(() => null))?.end());

const kernelTest = (name, body, options = {}) =>
  pageTest(name, body, {
    address: async () => (await server()).url,
    skip: async () => (await server()).refused,
    ...options,
  });

const RANDOM = `.license "GPL"
.section tc
dice: call bpf_get_prandom_u32
r0 &= 1
r0 <<= 1
exit
`;

/** Gives the kernel of this machine the word. */
const choose = (page) => page.locator("select[aria-label=Kernel]").first().selectOption("machine");
/** Waits for its verdict. */
const says = (page, verdict) =>
  page.waitForSelector(`.chip.verdict[aria-label^="Linux 6."][aria-label$="(this machine): ${verdict}"]`, { timeout: 20_000 });
/** Waits until the line about its replay says that. */
const compares = (page, text) => page.locator(".there", { hasText: text }).waitFor({ timeout: 30_000 });

kernelTest("the first lesson is accepted by the kernel of this machine, and every packet comes to the same", async ({ page }) => {
  assert.ok(!page.url().includes("token"), "no link that is copied has the token");
  await choose(page);
  await says(page, "accepted");
  await compares(page, "came to the same on 324 packets");
  assert.equal(await page.locator(".row b.differs").count(), 0);
  await page.keyboard.press("v");
  await page.locator(".beside", { hasText: "= The simulator, by the rules of Linux 6." }).waitFor();
  // Of the simulator's log that line has no time.
  await page.locator(".log").evaluate((log) => log.scrollTo(0, log.scrollHeight));
  await page.locator(".log .line", { hasText: "verification time" }).waitFor();
});

kernelTest("without its bounds check the kernel rejects it, at its line and in its words; undo mends it", async ({ page }) => {
  await choose(page);
  await says(page, "accepted");
  await page.locator(".cm-line", { hasText: "if r4 > r3 goto out" }).click();
  await page.keyboard.press("Home");
  await page.keyboard.type("# ");
  await says(page, "rejected");
  await page.locator(".cm-line.cm-rejected", { hasText: "eth->h_proto" }).waitFor();
  const said = await page.locator(".code .message").textContent();
  assert.match(said, /^invalid access to packet, off=12 size=2/);
  assert.match(said, /R2 offset is outside of the packet$/);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await says(page, "accepted");
});

kernelTest("packets on which the kernel comes to another end are marked, and both ends are shown", async ({ page }) => {
  await choose(page);
  await says(page, "accepted");
  await drop(page, "dice.s", RANDOM);
  await compares(page, "differs on");
  const packets = Number(/differs on (\d+) of 324/.exec(await page.textContent(".there"))[1]);
  assert.ok(packets > 80, `${packets} differ`);
  await page.locator(".there .link").click();
  // What differs comes with the packet, from the worker.
  await page.locator(".detail .difference tbody tr").first().waitFor();
  const rows = await page.locator(".detail .difference tbody tr").allInnerTexts();
  assert.equal(rows.length, 1);
  assert.match(rows[0], /^return value\s+TC_ACT_(OK \(0\)\s+TC_ACT_SHOT \(2\)|SHOT \(2\)\s+TC_ACT_OK \(0\))$/);
  await page.locator(".row.differs.on b.differs").waitFor();
  assert.match(await page.locator(".row.differs.on b.differs").getAttribute("title"), /^return value: .* here, .* there$/);
  assert.deepEqual(await page.evaluate(poorContrasts), []);
});

kernelTest("another kernel's rules take the word back", async ({ page }) => {
  await choose(page);
  await says(page, "accepted");
  await compares(page, "came to the same");
  await page.locator("select[aria-label=Kernel]").first().selectOption("4.4");
  await page.waitForSelector('.chip.verdict[aria-label="Linux 4.4: rejected"]');
  assert.equal(await page.locator(".there").count(), 0);
});

pageTest(
  "when the command ends, the page says so and goes on with the simulator",
  async ({ page }) => {
    await choose(page);
    await says(page, "accepted");
    await own.end();
    assert.match(await problem(page), /\(this machine\): the command that serves this page has ended. The simulator goes on/);
    await page.waitForSelector('.chip.verdict[aria-label^="Linux 6."]:not([aria-label*="machine"])');
    const { steps } = await place(page);
    assert.ok(steps > 0);
    await page.keyboard.press("End");
    await at(page, { step: steps });
  },
  {
    address: async () => (own = await serveKernel()).url,
    skip: async () => (await server()).refused,
  },
);
let own = null;
after(() => own?.end());

pageTest(
  "a token of another run opens the page, which says that the kernel does not answer",
  async ({ page, errors }) => {
    await choose(page);
    assert.match(await problem(page), /\(this machine\): the connection is lost. The simulator goes on without it/);
    await page.waitForSelector('.chip.verdict[aria-label$=": accepted"]');
    const refused = errors.splice(0).filter((error) => !/WebSocket connection to .* failed/.test(error));
    assert.deepEqual(refused, []);
  },
  { address: async () => (await server()).url.replace(/token=.*/, "token=00") },
);

pageTest("from any other server the page offers no kernel of the machine, and asks for none", async ({ page }) => {
  const values = await page.locator("select[aria-label=Kernel]").first().locator("option").evaluateAll((all) => all.map((o) => o.value));
  assert.ok(values.length > 5 && !values.includes("machine"), `${values}`);
});
