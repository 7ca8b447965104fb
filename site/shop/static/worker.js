// Answers with a page of its own where the network is gone. It keeps this page and its style, and none that was visited: the
// Cache API heeds no "no-store", and whoever uses the browser next would read who was signed in.
const KEPT = ["/offline", "/static/style.css"];
const keep = async () => {
  const cache = await caches.open("offline");
  await cache.addAll(KEPT.map(path => new Request(path, {credentials: "omit"})));  // as nobody sees it
};
const answer = async request => {
  try {
    return await fetch(request);
  } catch {
    return await caches.match(request.mode === "navigate" ? "/offline" : request) ?? Response.error();
  }
};
addEventListener("install", event => event.waitUntil(keep()));
addEventListener("fetch", event => event.request.method === "GET" && event.respondWith(answer(event.request)));
