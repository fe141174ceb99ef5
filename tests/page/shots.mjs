// Takes pictures of the built page, dark and light, at the three sizes that it must work in.
//
//     node tests/page/shots.mjs DIRECTORY [README-PICTURE]
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DESKTOP, LAPTOP, PHONE, open, stop } from "./browser.mjs";

const [directory = "target/shots", picture] = process.argv.slice(2);
const wanted = picture
  ? [{ file: picture, theme: "dark", size: DESKTOP }]
  : ["dark", "light"].flatMap((theme) =>
      [DESKTOP, LAPTOP, PHONE].map((size) => ({
        file: join(directory, `${theme}-${size.width}x${size.height}.png`),
        theme,
        size,
      })),
    );

try {
  for (const { file, theme, size } of wanted) {
    const { page, errors, close } = await open({ theme, size });
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file });
    await close();
    console.log(file);
    for (const error of errors) console.error(`  ${error}`);
    if (errors.length > 0) process.exitCode = 1;
  }
} finally {
  await stop();
}
