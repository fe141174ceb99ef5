// Takes pictures of the built page, dark and light, at the three sizes that it must work in: a packet stepped through,
// the verifier, a program that it rejects, a filter beside its eBPF, and what left an interface.
//
//     node tests/page/shots.mjs DIRECTORY [README-PICTURE]
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DESKTOP, LAPTOP, PHONE, open, stop } from "./browser.mjs";

const [directory = "target/shots", picture] = process.argv.slice(2);
/** What is done to the page before it is photographed. */
const SCENES = {
  packet: async () => {},
  verifier: async (page) => {
    await page.keyboard.press("v");
    await page.locator(".log .line.on").waitFor();
  },
  filter: async (page) => {
    await lesson(page, "What becomes of a tcpdump filter");
    await page.locator(".ebpf.now").waitFor();
  },
  left: async (page) => {
    await lesson(page, "Tag and redirect");
    await page.locator(".panels .tab", { hasText: "Packets" }).evaluate((tab) => tab.click());
    await page.locator(".lists .run", { hasText: "uplink" }).click();
    await page.locator(".window .row").nth(2).click();
    await page.locator(".layers", { hasText: "VLAN" }).waitFor();
  },
  rejected: async (page) => {
    await breakIt(page);
    await page.keyboard.press("Escape");
  },
  why: async (page) => {
    await breakIt(page);
    await page.locator(".chip.verdict").click();
    await page.locator(".log .line.message").first().waitFor();
  },
};

/** Opens a lesson by its title. */
async function lesson(page, title) {
  await page.locator(".picker .title").click();
  await page.getByRole("menuitemradio", { name: title }).click();
}

/** Makes a comment of the comparison that makes the lesson's loads safe. */
async function breakIt(page) {
  await page.locator(".cm-scroller").evaluate((area) => area.scrollTo(0, 0));
  await page.locator(".cm-line", { hasText: "if r4 > r3 goto out" }).click();
  await page.keyboard.press("Home");
  await page.keyboard.type("# ");
  await page.locator(".chip.verdict.fault").waitFor();
}

const wanted = picture
  ? [{ file: picture, theme: "dark", size: DESKTOP, scene: "packet" }]
  : ["dark", "light"].flatMap((theme) =>
      [DESKTOP, LAPTOP, PHONE].flatMap((size) =>
        Object.keys(SCENES).map((scene) => ({
          file: join(directory, `${scene}-${theme}-${size.width}x${size.height}.png`),
          theme,
          size,
          scene,
        })),
      ),
    );

try {
  for (const { file, theme, size, scene } of wanted) {
    const { page, errors, close } = await open({ theme, size });
    mkdirSync(dirname(file), { recursive: true });
    await SCENES[scene](page);
    await page.screenshot({ path: file });
    await close();
    console.log(file);
    for (const error of errors) console.error(`  ${error}`);
    if (errors.length > 0) process.exitCode = 1;
  }
} finally {
  await stop();
}
