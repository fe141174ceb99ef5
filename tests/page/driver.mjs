// The page as a person sees it: what the tests read from the screen and do to it.

/** The step, steps, packet and packets that the footer names. While a packet is being looked up it names fewer: waits. */
export async function place(page) {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const text = await page.textContent(".where > span");
    const numbers = (text.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(",", "")));
    const [step, steps, packet, packets] = numbers;
    if (numbers.length === 4 || Date.now() > deadline) return { step, steps, packet, packets };
    await page.waitForTimeout(20);
  }
}

/** Waits until the footer names what `wanted` names: numbers, or functions that say whether a number will do. */
export async function at(page, wanted) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const here = await place(page);
    const fits = ([name, value]) => (typeof value === "function" ? value(here[name]) : here[name] === value);
    if (Object.entries(wanted).every(fits)) return here;
    if (Date.now() > deadline) throw new Error(`at ${JSON.stringify(here)}, wanted ${JSON.stringify(wanted)}`);
    await page.waitForTimeout(20);
  }
}

/** Goes to the start of the packet: lessons open where there is something to see. Gives the place. */
export async function start(page) {
  await page.keyboard.press("Home");
  return at(page, { step: 0 });
}

/** Everything that is shown of the machine and the packet, to compare. */
export const shown = (page) =>
  page.evaluate(() => {
    const text = (selector) => document.querySelector(selector)?.innerText ?? "";
    const marks = [...document.querySelectorAll(".hex i")].map((byte) => byte.className).join("|");
    return [text(".machine"), text(".detail"), marks, text(".cm-now"), text(".where")].join("\n---\n");
  });

/** Waits until the scenario is loaded, replayed and shown. */
export const ready = (page) => page.waitForSelector("[data-ready]", { state: "attached", timeout: 30_000 });

/** Drops a file on the page: its bytes, or `{ size, fill }` for as many bytes that are all the same. */
export const drop = (page, name, content) =>
  page.evaluate(
    ([name, content]) => {
      const bytes = content.size ? new Uint8Array(content.size).fill(content.fill?.charCodeAt(0) ?? 0) : Uint8Array.from(content);
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    [name, content.size ? content : [...Buffer.from(content)]],
  );

/** The message at the top, once there is one. */
export const problem = (page) => page.locator(".problem p").textContent({ timeout: 15_000 });

/** A capture of Ethernet frames, as pcap: one second between two frames. */
export function pcap(frames) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.map((frame, second) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(second, 0);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return Buffer.concat([record, frame]);
  });
  return Buffer.concat([header, ...records]);
}

/** An Ethernet frame with an IPv4 header of that protocol and nothing in it. */
export function frame(protocol) {
  const bytes = Buffer.alloc(60);
  bytes.writeUInt16BE(0x0800, 12);
  bytes[14] = 0x45;
  bytes.writeUInt16BE(46, 16);
  bytes[22] = 64;
  bytes[23] = protocol;
  bytes.set([10, 0, 0, 7, 10, 0, 0, 1], 26);
  return bytes;
}
