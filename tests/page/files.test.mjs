// Files: captures, objects, assembly and scenarios are seen from their content; bad ones are refused
// with a message that names them, and the page goes on with what it had.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { at, drop, frame, pcap, place, problem, ready, shown, start } from "./driver.mjs";
import { ROOT, pageTest } from "./harness.mjs";

const text = (page) => page.locator(".cm-content").innerText();

/** The object of the program that is shown, as the page gives it. */
async function object(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("d")]);
  assert.match(download.suggestedFilename(), /\.o$/);
  return readFileSync(await download.path());
}

pageTest("a capture that is dropped is replayed", async ({ page }) => {
  await drop(page, "three.pcap", pcap([frame(17), frame(17), frame(6)]));
  await at(page, { packets: 3, packet: 1 });
  assert.equal(await page.textContent(".captures .title"), "three.pcap");
  await page.keyboard.press("n");
  await at(page, { packet: 2 });
  await page.keyboard.press("End");
  await page.locator(".entries .on").waitFor();
  assert.match(await page.locator(".entries .on").innerText(), /17.*\b2\b/s);
});

pageTest("a pcapng capture is replayed too, through the file picker", async ({ page }) => {
  const picker = page.locator("input[type=file]");
  await picker.evaluate((input) => input.addEventListener("click", (event) => (event.preventDefault(), (input.dataset.opened = "yes"))));
  await page.keyboard.press("f");
  await page.locator("input[data-opened]").waitFor({ state: "attached" });
  await picker.setInputFiles(join(ROOT, "pcaps/two-interfaces.pcapng"));
  await page.locator(".captures .title", { hasText: "two-interfaces.pcapng" }).waitFor();
  assert.ok((await place(page)).packets > 0);
});

pageTest("the captures that come with the page are a menu, and each can be chosen", async ({ page }) => {
  const menu = page.getByRole("button", { name: "mix.pcap" });
  await menu.click();
  const items = page.getByRole("menuitemradio");
  const count = await items.count();
  assert.ok(count >= 8, `${count} captures`);
  await page.keyboard.press("Escape");
  await items.first().waitFor({ state: "detached" });
  await menu.press("ArrowDown");
  await items.filter({ hasText: "Name look-ups" }).click();
  await page.getByRole("button", { name: "dns.pcap" }).waitFor();
  await at(page, { packets: 32, packet: 1 });
});

pageTest("an object that is dropped is shown as text and replayed", async ({ page }) => {
  const { packets } = await place(page);
  const bytes = await object(page);
  assert.deepEqual([...bytes.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
  await drop(page, "a file without ending", bytes);
  await page.getByRole("heading", { name: "Disassembly" }).waitFor();
  await ready(page);
  await at(page, { packets });
  assert.match(await text(page), /^\.map counts/);
});

pageTest("assembly that is dropped replaces the program", async ({ page }) => {
  await drop(page, "two.s", '.license "GPL"\n.section tc\n.globl two\ntwo:\n\tr0 = 2\n\texit\n');
  await page.locator(".sums .badge", { hasText: "SHOT" }).waitFor();
  assert.match(await text(page), /r0 = 2/);
  await at(page, { steps: 2 });
  // What was said about the lesson is not said about it.
  assert.equal(await page.textContent(".picker .title span"), "two.s");
  assert.equal(await page.locator(".note", { hasText: "The program of the talk" }).count(), 0);
});

pageTest("an edit takes effect at once, and an error in it leaves the program before in force", async ({ page }) => {
  await drop(page, "two.s", '.license "GPL"\n.section tc\n.globl two\ntwo:\n\tr0 = 2\n\texit\n');
  await page.locator(".sums .badge", { hasText: "SHOT" }).waitFor();
  await page.locator(".cm-line", { hasText: "r0 = 2" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" + nonsense");
  const complaint = page.locator(".complaints button");
  await complaint.waitFor();
  assert.match(await complaint.innerText(), /^5:\d+/);
  assert.equal(await page.locator(".cm-lintRange-error").count(), 1);
  assert.match(await page.locator(".sums").innerText(), /SHOT/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  await at(page, { step: 2 });
  await complaint.click();
  assert.ok(await page.evaluate(() => document.activeElement.closest(".cm-editor")));
  for (let press = 0; press < 12; press += 1) await page.keyboard.press("Control+z");
  await complaint.waitFor({ state: "detached" });
});

/** Files that are refused: what they are, their bytes, and what the message must say beside the name. */
const BAD = [
  ["a picture", "picture.png", Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\r", "latin1"), /89 50 4e 47/],
  ["an empty file", "empty.pcap", Buffer.alloc(0), /empty/],
  ["200 MB that are no capture", "large.bin", { size: 200 << 20 }, /00 00 00 00|200 MB/],
  ["20 MB of text", "large.s", { size: 20 << 20, fill: "#" }, /20 MB/],
  ["a capture that ends within its header", "short.pcap", pcap([]).subarray(0, 10), /\d/],
  ["a capture of a link type that is not known", "radio.pcap", withLinkType(105), /105|802\.11/i],
  ["an object for another machine", "x86.o", elf({ machine: 62 }), /BPF|machine/i],
  ["an object of the other byte order", "big.o", elf({ big: true }), /endian|byte order/i],
  ["an object that ends within its header", "short.o", elf({}).subarray(0, 20), /./],
  ["a scenario that is none", "scenario.json", Buffer.from('{"bpfscope": 1, "source": 7}'), /line 1/],
  ["a scenario of a later version", "later.json", Buffer.from('{"bpfscope": 99}'), /99/],
];

for (const [what, name, content, message] of BAD) {
  pageTest(`${what}: refused by name and reason, and everything stays as it was`, async ({ page }) => {
    await start(page);
    await page.keyboard.press("ArrowRight");
    await at(page, { step: 1 });
    const before = await shown(page);
    await drop(page, name, content);
    const said = await problem(page);
    assert.ok(said.startsWith(`${name}: `), said);
    assert.match(said.slice(name.length + 2), message);
    assert.equal(await shown(page), before);
    await page.keyboard.press("ArrowRight");
    await at(page, { step: 2 });
    await page.getByRole("button", { name: "Close this message" }).click();
    assert.equal(await page.locator(".problem").count(), 0);
  });
}

pageTest("a capture that breaks off keeps its packets before and says at which it broke", async ({ page }) => {
  const whole = pcap([frame(17), frame(6), frame(17)]);
  await drop(page, "torn.pcap", whole.subarray(0, whole.length - 20));
  const said = await problem(page);
  assert.match(said, /torn\.pcap: .*packet 3/);
  await at(page, { packets: 2 });
});

function withLinkType(number) {
  const bytes = pcap([frame(17)]);
  bytes.writeUInt32LE(number, 20);
  return bytes;
}

/** The header of an ELF object without sections. */
function elf({ machine = 247, big = false }) {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, big ? 2 : 1, 1]);
  const write = (value, offset) => (big ? bytes.writeUInt16BE(value, offset) : bytes.writeUInt16LE(value, offset));
  write(1, 16);
  write(machine, 18);
  write(1, big ? 22 : 20);
  write(64, 52);
  write(64, 58);
  return bytes;
}
