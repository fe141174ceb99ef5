// How many bytes of wasm and script a visitor downloads, from a server that compresses with brotli.
//
//     node tests/page/size.mjs [DIRECTORY]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

/** The most that all wasm and script may come to, in bytes, brotli-compressed. */
export const BUDGET = 1_200_000;

/** @returns {{compressed: number, files: {name: string, raw: number, compressed: number}[]}} sizes in bytes */
export function pageSize(directory) {
  const names = readdirSync(directory, { recursive: true }).filter((name) => /\.(wasm|m?js)$/.test(name));
  const files = names.sort().map((name) => {
    const raw = readFileSync(join(directory, name));
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } };
    return { name, raw: raw.length, compressed: brotliCompressSync(raw, options).length };
  });
  return { compressed: files.reduce((sum, file) => sum + file.compressed, 0), files };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compressed, files } = pageSize(process.argv[2] ?? "dist");
  const row = (name, raw, small) => console.log(`${name.padEnd(36)} ${String(raw).padStart(9)} ${String(small).padStart(9)}`);
  row("page size in bytes", "raw", "brotli");
  for (const file of files) row(file.name, file.raw, file.compressed);
  row("all", files.reduce((sum, file) => sum + file.raw, 0), compressed);
  console.log(`budget ${BUDGET}: ${compressed <= BUDGET ? "kept" : "EXCEEDED"}`);
}
