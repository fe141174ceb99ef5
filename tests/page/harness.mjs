// What every browser test starts from.
//
//     import { pageTest } from "./harness.mjs";
//     pageTest("the example is loaded", async ({ page }) => { … });
//
// A test fails by itself when the page logs an error, throws, loses a request, or asks any host but
// its own. On a failure, target/shots/failed-NAME.png shows the page as it was.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { SHOTS, open, stop } from "./browser.mjs";

export * from "./browser.mjs";

/**
 * A test of the page: opens it, runs `body`, and fails if the page itself reported an error.
 *
 * @param {string} name the rule that is tested
 * @param {(opened: {page, errors: string[], url: string}) => Promise<void>} body takes what it expects out of `errors`
 * @param {object} [options] as for `open`, and `skip`, which gives a reason not to run it, or null
 */
export function pageTest(name, body, options = {}) {
  test(name, { timeout: 120_000 }, async (t) => {
    const reason = await options.skip?.();
    if (reason) return t.skip(reason);
    const opened = await open(options);
    try {
      await body(opened);
      if (opened.errors.length > 0) throw new Error(`the page reported:\n${opened.errors.join("\n")}`);
    } catch (error) {
      mkdirSync(SHOTS, { recursive: true });
      const file = join(SHOTS, `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`);
      await opened.page.screenshot({ path: file }).catch(() => {});
      throw error;
    } finally {
      await opened.close();
    }
  });
}

after(stop);
