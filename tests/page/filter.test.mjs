// A filter expression, or a listing, as the language of a program; and the classic filter beside its eBPF.
import assert from "node:assert/strict";
import { poorContrasts } from "./contrast.mjs";
import { at, drop } from "./driver.mjs";
import { PHONE, open, pageTest } from "./harness.mjs";

const language = async (page, name) => {
  await page.locator(".languages .title").click();
  await page.getByRole("menuitemradio", { name }).click();
  await page.getByRole("heading", { name }).waitFor();
};

/** Verdicts with their counts. */
const sums = (page) => page.locator(".sum").allInnerTexts();

/** Writes another text, and waits until the replay comes to these verdicts. */
const write = async (page, text, verdicts) => {
  await page.locator(".cm-content").fill(text);
  await page.waitForFunction(
    (wanted) => [...document.querySelectorAll(".sum")].map((sum) => sum.innerText.replace(/\s+/g, " ")).join() === wanted,
    verdicts.join(),
  );
};

pageTest("an expression is written in place of assembly, and accepts what tcpdump accepts", async ({ page }) => {
  await language(page, /Filter expression/);
  await page.waitForFunction(() => document.querySelector(".sum")?.innerText.includes("PASS"));
  assert.equal((await sums(page)).length, 1, "nothing asked for is every packet");
  // As `tcpdump -r mix.pcap 'tcp port 80 and tcp[tcpflags] & tcp-syn != 0' | wc -l`.
  await write(page, "tcp port 80 and tcp[tcpflags] & tcp-syn != 0", ["DROP 312", "PASS 12"]);
  assert.match(await page.locator(".pair .classic").first().innerText(), /^\(000\)/);
  assert.match(await page.locator(".chip.verdict").innerText(), /accepted/);
});

pageTest("a mistake in an expression is underlined and said in words, and the program stays", async ({ page }) => {
  await language(page, /Filter expression/);
  await write(page, "udp port 53", ["DROP 268", "PASS 56"]);
  await page.locator(".cm-content").fill("udp prot 53");
  await page.locator(".complaints").waitFor();
  assert.match(await page.locator(".complaints").innerText(), /^1:5/);
  assert.ok((await page.locator(".pair").count()) > 5);
  await page.locator(".cm-lintRange-error").waitFor();
});

pageTest("each classic instruction stands beside what it became, and the step is seen in both", async ({ page }) => {
  await language(page, /Filter expression/);
  await write(page, "udp port 53", ["DROP 268", "PASS 56"]);
  await page.keyboard.press("Escape");
  await page.locator(".row").nth(4).click();
  await at(page, { packet: 4, step: 0 });
  await page.keyboard.press("ArrowRight");
  await at(page, { step: 1 });
  const now = page.locator(".ebpf.now");
  assert.match(await now.innerText(), /r0 = \*\(u32 \*\)/);
  assert.match(await page.locator(".pair.on .classic").innerText(), /vlan_avail/);
  // An instruction is gone to by a click.
  await page.locator(".ebpf", { hasText: "exit" }).first().click();
  await at(page, { step: (step) => step > 3 });
});

pageTest("a listing is recognised when it is dropped, and goes on as assembly", async ({ page }) => {
  const listing = "(000) ldh [12]\n(001) jeq #0x806 jt 2 jf 3\n(002) ret #262144\n(003) ret #0\n";
  await drop(page, "arp.bpf", Buffer.from(listing));
  await page.locator(".origin").waitFor();
  await page.getByRole("heading", { name: "cBPF listing" }).waitFor();
  assert.equal(await page.locator(".pair .classic").count(), 4);
  await language(page, /Assembly/);
  await page.locator(".origin").waitFor({ state: "detached" });
  assert.match(await page.locator(".cm-content").innerText(), /\.section socket/);
});

pageTest("a link holds the expression", async ({ page, url }) => {
  await language(page, /Filter expression/);
  await write(page, "udp port 53", ["DROP 268", "PASS 56"]);
  await page.keyboard.press("Escape");
  await page.locator(".header .primary.wide").click();
  await page.locator(".toast").waitFor();
  const link = await page.evaluate(() => location.href);
  assert.notEqual(link, url);
  const other = await open({ path: new URL(link).hash });
  try {
    await other.page.locator(".origin").waitFor();
    assert.equal(await other.page.locator(".cm-content").innerText(), "udp port 53");
    assert.deepEqual(other.errors, []);
  } finally {
    await other.close();
  }
});

for (const theme of ["dark", "light"]) {
  pageTest(
    `both programs have a contrast of at least 4.5 in the ${theme} theme`,
    async ({ page }) => {
      await language(page, /Filter expression/);
      await write(page, "udp port 53", ["DROP 268", "PASS 56"]);
      assert.deepEqual(await page.evaluate(poorContrasts), []);
    },
    { theme },
  );
}

pageTest(
  "a phone shows both programs",
  async ({ page }) => {
    await language(page, /Filter expression/);
    await page.locator(".cm-content").fill("udp port 53");
    await page.waitForFunction(() => document.querySelectorAll(".pair").length > 5);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `${wide} wide`);
  },
  { size: PHONE },
);
