// A static server for dist/, on loopback only. The tests and `cargo xtask serve` use this same one,
// so what is tested is what is served.
//
//     node tests/page/server.mjs [DIRECTORY] [PORT]
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The media type of every kind of file that a build of the page holds. */
const MEDIA_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".o": "application/octet-stream",
  ".pcap": "application/vnd.tcpdump.pcap",
  ".pcapng": "application/octet-stream",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  // Without this type a browser refuses to compile while it downloads.
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The file that a request names, or null when it names none inside `root`. */
async function fileOf(root, target) {
  let path;
  try {
    path = decodeURIComponent(new URL(target, "http://localhost").pathname);
  } catch {
    return null;
  }
  if (path.includes("\0")) return null;
  if (path.endsWith("/")) path += "index.html";
  const file = normalize(join(root, path));
  if (!file.startsWith(root + sep)) return null;
  const found = await stat(file).catch(() => null);
  return found?.isFile() ? { file, size: found.size } : null;
}

/**
 * Serves `directory` on 127.0.0.1.
 *
 * @param {string} directory the built page
 * @param {number} port 0 takes a free one
 * @param {Record<string, string>} headers sent with every file besides the usual ones
 * @returns {Promise<{url: string, close: () => Promise<void>}>} the address, ending in a slash
 */
export async function serve(directory, port = 0, headers = {}) {
  const root = resolve(directory);
  const server = createServer(async (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    const found = await fileOf(root, request.url);
    if (!found) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("not found\n");
      return;
    }
    response.writeHead(200, {
      ...headers,
      "Content-Type": MEDIA_TYPES[extname(found.file)] ?? "application/octet-stream",
      "Content-Length": found.size,
      // The worker's files have fixed names: ask each time, so that no old build stays behind.
      "Cache-Control": "no-cache",
    });
    if (request.method === "HEAD") response.end();
    else createReadStream(found.file).on("error", () => response.destroy()).pipe(response);
  });
  await new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory = "dist", port = "8080"] = process.argv.slice(2);
  try {
    const { url } = await serve(directory, Number(port));
    console.log(`bpfscope is at ${url} (Ctrl-C ends it)`);
  } catch (error) {
    const why = error.code === "EADDRINUSE" ? `port ${port} is taken: choose another with --port` : error.message;
    console.error(`serve: ${why}`);
    process.exit(1);
  }
}
