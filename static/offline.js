// The service worker: once the page was loaded, it opens without a network, every lesson and capture included.
//
// The network comes first, so that a new version is never hidden by an old one; what it gives is kept, and
// given again when there is none.
const KEPT = "bpfscope";

/** What the page is made of: what index.html names, and what is fetched by name later. */
async function parts() {
  const html = await (await fetch("./")).text();
  const named = [...html.matchAll(/["'](?:\.\/)?([\w.-]+\.(?:js|css|wasm|svg))["']/g)].map(([, name]) => name);
  const list = async (path) => (await fetch(path)).json();
  const lessons = (await list("lessons/index.json")).map((lesson) => `lessons/${lesson.source}`);
  const captures = (await list("pcaps/index.json")).map((capture) => `pcaps/${capture.file}`);
  const worker = ["worker_loader.js", "worker.js", "worker_bg.wasm"];
  return [...new Set(["./", "lessons/index.json", "pcaps/index.json", ...named, ...worker, ...lessons, ...captures])];
}

addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(KEPT);
    await cache.addAll(await parts());
    await skipWaiting();
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  const answer = async () => {
    const cache = await caches.open(KEPT);
    try {
      const response = await fetch(request);
      if (response.ok) event.waitUntil(cache.put(request, response.clone()));
      return response;
    } catch (error) {
      // Links live in the fragment, which is no part of the request.
      const kept = await cache.match(request, { ignoreSearch: true });
      if (kept) return kept;
      throw error;
    }
  };
  event.respondWith(answer());
});
