// Takes pictures of the built page, dark and light, at the three sizes that it must work in: a packet stepped through,
// the verifier, and a program that it rejects.
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
