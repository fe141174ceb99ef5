// The editor's interface, apart from the page: each test makes an editor of its own.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DIST, pageTest } from "./harness.mjs";

const PROGRAM = "# counts\nentry:\n\tr0 = *(u32 *)(r1 + 0x50)\n\tif r0 s> 7 goto out\n\tcall bpf_ktime_get_ns\nout:\n\texit\n";

/** A test with an editor that holds PROGRAM, on an empty page: `globalThis.editor`, its calls in `globalThis.calls`. */
function editorTest(name, body) {
  const run = async ({ page }) => {
    const bundle = readdirSync(DIST).find((file) => /^editor-.*\.js$/.test(file));
    await page.addScriptTag({ path: join(DIST, bundle), type: "module" });
    // A module runs when its turn comes, which may be after the tag is in place.
    await page.waitForFunction(() => globalThis.bpfscopeEditor);
    await page.evaluate((program) => {
      const parent = document.createElement("div");
      // The page's tokens, each of a colour of its own.
      parent.style.cssText = "height:400px;--accent:#111;--redirect:#222;--warn:#333;--muted:#444;--faint:#555";
      document.body.append(parent);
      globalThis.calls = [];
      globalThis.editor = globalThis.bpfscopeEditor.create(parent, {
        onChange: (text) => calls.push(["change", text]),
        onLineClick: (line) => calls.push(["line", line]),
        complete: (word, before) => {
          calls.push(["complete", word, before]);
          return [{ label: "bpf_ktime_get_ns", detail: "helper 5", info: "The time since boot." }, { label: "bpf_redirect" }];
        },
      });
      editor.setText(program);
    }, PROGRAM);
    await body(page);
  };
  pageTest(name, run, { blank: true });
}
const calls = (page) => page.evaluate(() => calls);
const text = (page) => page.evaluate(() => editor.getText());

editorTest("the text set is the text got, and is no change of the user's", async (page) => {
  assert.equal(await text(page), PROGRAM);
  assert.deepEqual(await calls(page), []);
});

editorTest("typing reports the whole text, and undo stops at the text that was set", async (page) => {
  await page.click(".cm-content");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("#!");
  assert.deepEqual((await calls(page)).at(-1), ["change", `#!${PROGRAM}`]);
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("Control+z");
  assert.equal(await text(page), PROGRAM);
});

editorTest("registers, keywords, numbers, labels and comments have their colours", async (page) => {
  const colours = await page.evaluate(() =>
    ["# counts", "entry:", "u32", "r1", "0x50", "if", "bpf_ktime_get_ns"].map((word) => {
      const span = [...document.querySelectorAll(".cm-line span")].find((span) => span.textContent === word);
      return span ? getComputedStyle(span).color : `no ${word}`;
    }),
  );
  const [comment, label, type, register, number, keyword, callee] = colours;
  assert.ok(!colours.some((colour) => colour.startsWith("no ")), colours.join("; "));
  assert.equal(new Set([comment, label, register, number, keyword]).size, 5, colours.join("; "));
  assert.equal(type, register);
  assert.equal(callee, register);
});

editorTest("a semicolon begins a comment where no statement follows it", async (page) => {
  await page.evaluate(() => editor.setText("; a\nr0 = 0 ; drop it\nr0 = 0; exit\nr0 = 0; r1 += 2 ; end\ngoto out; .globl f\n"));
  const comments = await page.evaluate(() => {
    const colour = (span) => getComputedStyle(span).color;
    const all = [...document.querySelectorAll(".cm-line span")];
    return all.filter((span) => colour(span) === "rgb(85, 85, 85)").map((span) => span.textContent);
  });
  assert.deepEqual(comments, ["; a", "; drop it", "; end"]);
});

editorTest("going to a place puts the cursor there", async (page) => {
  await page.evaluate(() => editor.goTo(3, 2));
  await page.keyboard.type("w");
  assert.match(await text(page), /\twr0 = \*\(u32/);
});

editorTest("a diagnostic marks its word and its line, and one beyond the text marks the end", async (page) => {
  await page.evaluate(() =>
    editor.setDiagnostics([
      { line: 4, col: 5, len: 2, message: "expected a register" },
      { line: 99, col: 99, len: 9, message: "expected more" },
    ]),
  );
  assert.equal(await page.textContent(".cm-lintRange-error"), "r0");
  assert.equal(await page.locator(".cm-lint-marker-error").count(), 2);
  await page.evaluate(() => editor.setDiagnostics([]));
  assert.equal(await page.locator(".cm-lintRange-error").count(), 0);
});

editorTest("the current line is marked, moves with edits above it, and can be none", async (page) => {
  await page.evaluate(() => editor.setCurrentLine(3));
  assert.match(await page.textContent(".cm-now"), /r0 = \*\(u32/);
  await page.click(".cm-content");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Enter");
  assert.match(await page.textContent(".cm-now"), /r0 = \*\(u32/);
  await page.evaluate(() => editor.setCurrentLine(null));
  assert.equal(await page.locator(".cm-now").count(), 0);
});

editorTest("lines are marked by classes, which move with edits; a text that is written keeps its place", async (page) => {
  await page.evaluate(() => editor.setMarks([[3, "cm-path"], [4, "cm-path"], [4, "cm-rejected"], [99, "cm-path"]]));
  await page.click(".cm-content");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Enter");
  const marked = await page.locator(".cm-path").allTextContents();
  assert.deepEqual(marked.map((line) => line.trim().slice(0, 5)), ["r0 = ", "if r0"]);
  assert.match(await page.textContent(".cm-rejected"), /if r0/);
  await page.evaluate(() => editor.setMarks([]));
  assert.equal(await page.locator(".cm-path, .cm-rejected").count(), 0);
});

editorTest("a diagnostic without a column marks what the line says before its comment", async (page) => {
  await page.evaluate(() => {
    editor.setText("\tr0 = 1 // one\n\texit\n");
    editor.setDiagnostics([{ line: 1, message: "x" }]);
  });
  assert.equal(await page.textContent(".cm-lintRange-error"), "r0 = 1");
});

editorTest("counts stand behind their lines", async (page) => {
  await page.evaluate(() =>
    editor.setCounts([
      [7, "12 / 1,012"],
      [3, "1,024"],
      [99, "nowhere"],
    ]),
  );
  const shown = await page.locator(".cm-counts .cm-gutterElement").allTextContents();
  assert.deepEqual(shown.filter((count) => count !== ""), ["1,024", "12 / 1,012"]);
});

editorTest("a click on a line number names the line; a click in the text does so while it is read-only", async (page) => {
  await page.click(".cm-lineNumbers .cm-gutterElement:has-text('4')");
  await page.click(".cm-line:nth-child(5)");
  assert.deepEqual(await calls(page), [["line", 4]]);
  await page.evaluate(() => editor.setReadOnly(true));
  await page.click(".cm-line:nth-child(5)");
  assert.deepEqual((await calls(page)).at(-1), ["line", 5]);
});

editorTest("a read-only text keeps its marks and takes no typing", async (page) => {
  await page.evaluate(() => {
    editor.setDiagnostics([{ line: 4, col: 5, len: 2, message: "x" }]);
    editor.setReadOnly(true);
  });
  await page.click(".cm-content");
  await page.keyboard.type("abc");
  assert.equal(await text(page), PROGRAM);
  assert.equal(await page.locator(".cm-lintRange-error").count(), 1);
});

editorTest("completion asks the page with the word and what stands before it, and inserts the choice", async (page) => {
  await page.evaluate(() => editor.setText("\tcall "));
  await page.click(".cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("bpf_k", { delay: 20 });
  await page.click(".cm-tooltip-autocomplete li:has-text('helper 5')");
  assert.ok((await calls(page)).some(([kind, , before]) => kind === "complete" && before === "\tcall "));
  assert.equal(await text(page), "\tcall bpf_ktime_get_ns");
});
