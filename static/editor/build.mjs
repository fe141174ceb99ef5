// Bundles what index.html loads: the editor into one minified module, static/gen/editor.js, and the styles into one
// sheet, static/gen/page.css.
// Trunk calls this before every build; it needs node_modules only, no network.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here("editor.js")],
  outfile: here("../gen/editor.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});

await build({
  entryPoints: [here("../css/page.css")],
  outfile: here("../gen/page.css"),
  bundle: true,
  minify: true,
  target: "es2022",
  logLevel: "warning",
});
