// The service worker, served as /sw.js with CONFIG before this text (o2o/app/views.py).
//
// Pages come from the network. Without it, usable vouchers that were opened or fetched ahead are
// shown as stored copies that say so and when they were updated; other pages give way to the
// offline page. A page is kept only when its answer carries X-Keep-Offline: account;until, in a
// cache named after that account. The cache goes at logout, for guests and for other accounts.

const STATIC = "static";
const OFFLINE = "offline";
const WALLET = "wallet-";
const NOTES = "notes";
const KEEP = "X-Keep-Offline";
const STORED_AT = "X-Stored-At";
const UNTIL = "X-Stored-Until";
const MARK = "X-Stored-Mark";
const PATIENCE_MS = 4_000; // a shop's cellar: a network that does not answer is no network
const REFRESH_MS = 10 * 60_000;
const ASSET = /(?:href|src)="(\/[^"#?]+\.[a-z0-9]+)(?:[#?][^"]*)?"/g;
const LANGUAGE = /<html lang="([^"]+)"/;

// Raised by every "forget": what was being fetched for somebody then is not written any more.
let generation = 0;
let refreshedAt = 0;
const offlineClients = new Set();

// ---- the shell ----

addEventListener("install", (event) => {
  event.waitUntil(installShell());
});

async function installShell() {
  const [statics, pages] = await Promise.all([caches.open(STATIC), caches.open(OFFLINE)]);
  await Promise.all(CONFIG.shell.map((address) => addMissing(statics, address)));
  await pages.addAll(Object.values(CONFIG.offline).map(fresh));
  await skipWaiting();
}

addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

async function activate() {
  await registration.navigationPreload?.enable();
  await dropUnusedFiles();
  await clients.claim();
}

function fresh(address) {
  return new Request(address, { cache: "reload", credentials: "same-origin" });
}

async function addMissing(cache, address) {
  if (CONFIG.hashed && (await cache.match(address, { ignoreVary: true }))) return;
  const answer = await fetch(fresh(address));
  if (answer.ok) await cache.put(address, answer);
}

// Old hashed files stay as long as a stored page shows itself with them.
async function dropUnusedFiles() {
  const wanted = new Set(CONFIG.shell);
  for (const name of await walletNames()) {
    const wallet = await caches.open(name);
    for (const request of await wallet.keys()) {
      const page = await wallet.match(request, { ignoreVary: true });
      if (page && isPage(page)) for (const asset of assetsOf(await page.text())) wanted.add(asset);
    }
  }
  const statics = await caches.open(STATIC);
  for (const request of await statics.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await statics.delete(request);
  }
}

// ---- answering ----

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const navigates = request.mode === "navigate";
  if (starts(url, CONFIG.untouched)) {
    if (navigates) event.respondWith(fromNetwork(event)); // the preload is on its way already
  } else if (navigates) event.respondWith(page(event, url));
  else if (url.pathname.startsWith(CONFIG.staticUrl)) event.respondWith(staticFile(request));
  else if (request.destination === "image") event.respondWith(picture(event));
});

function starts(url, prefixes) {
  return prefixes.some((prefix) => url.pathname.startsWith(prefix));
}

async function page(event, url) {
  const network = fromNetwork(event);
  const kept = starts(url, CONFIG.unkept) ? null : await storedPage(url);
  // Cloned here and now: in a moment the browser reads the answer itself.
  const settled = network.then((answer) => {
    return noteAnswer(url, answer.headers.has(KEEP) ? answer.clone() : answer);
  });
  event.waitUntil(settled.catch(() => {}));
  try {
    const answer = await (kept ? inTime(network) : network);
    if (kept && answer.status >= 502 && answer.status <= 504) throw new Error("server away");
    return answer;
  } catch {
    if (event.resultingClientId) offlineClients.add(event.resultingClientId);
    return kept ? storedCopy(kept) : offlinePage();
  }
}

async function fromNetwork(event) {
  return (await event.preloadResponse) || fetch(event.request);
}

function inTime(promise) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, PATIENCE_MS, new Error("too slow"));
    promise.then(resolve, reject);
  });
}

async function staticFile(request) {
  const stored = () => caches.match(request, { cacheName: STATIC, ignoreVary: true });
  if (CONFIG.hashed) return (await stored()) || fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await stored();
    if (copy) return copy;
    throw error;
  }
}

async function picture(event) {
  if (offlineClients.has(event.clientId)) {
    const copy = await fromWallet(event.request);
    if (copy) return copy;
  }
  try {
    return await fetch(event.request);
  } catch (error) {
    const copy = await fromWallet(event.request);
    if (copy) return copy;
    throw error;
  }
}

async function offlinePage() {
  const note = await caches.match("/language", { cacheName: NOTES });
  const language = (note && (await note.text())) || navigator.language.toLowerCase();
  const code =
    Object.keys(CONFIG.offline).find((known) => language.startsWith(known.split("-")[0])) ??
    CONFIG.language;
  const found = await caches.match(CONFIG.offline[code], { cacheName: OFFLINE, ignoreVary: true });
  return found ?? Response.error();
}

// ---- keeping ----

async function noteAnswer(url, response) {
  if (response.type === "opaqueredirect") return;
  const language = response.headers.get("Content-Language");
  if (language) {
    const notes = await caches.open(NOTES);
    const known = await notes.match("/language");
    if (!known || (await known.text()) !== language) {
      await notes.put("/language", new Response(language));
    }
  }
  await keep(url, response);
}

async function keep(url, response, mark = "") {
  const key = keyOf(url);
  const header = response.headers.get(KEEP);
  if (!header || !response.ok) {
    // What was a usable voucher is something else now: its old copy would be a lie.
    if (response.status < 500) for (const name of await walletNames()) await remove(name, key);
    return;
  }
  const [account, until] = header.split(";");
  await onlyFor(account);
  const mine = generation;
  const body = await response.text();
  await keepAssets(assetsOf(body), account, mine);
  if (mine !== generation) return;
  const wallet = await caches.open(WALLET + account);
  await wallet.put(key, asStored(body, response, until, mark));
}

function asStored(body, response, until, mark) {
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length", KEEP]) headers.delete(name);
  headers.set(STORED_AT, String(Date.now()));
  headers.set(UNTIL, until);
  headers.set(MARK, mark);
  return new Response(body, { headers });
}

async function keepAssets(assets, account, mine) {
  const [statics, wallet] = [await caches.open(STATIC), await caches.open(WALLET + account)];
  await Promise.all(
    assets.map(async (address) => {
      if (address.startsWith(CONFIG.staticUrl)) return addMissing(statics, address);
      const answer = await fetch(address, { credentials: "same-origin" });
      const ours = address.startsWith(CONFIG.mediaUrl) || answer.headers.get(KEEP);
      if (answer.ok && ours && mine === generation) await wallet.put(address, answer);
    }),
  ).catch(() => {}); // a missing picture is no reason to lose the code
}

// The page's own files: styles, scripts, icons, pictures, the QR.
function assetsOf(html) {
  const found = new Set();
  for (const [, address] of html.matchAll(ASSET)) {
    const picture = address.startsWith(CONFIG.mediaUrl) || address.endsWith(".svg");
    if (picture || address.startsWith(CONFIG.staticUrl)) found.add(address);
  }
  return [...found];
}

async function remove(name, key) {
  await (await caches.open(name)).delete(key, { ignoreVary: true });
}

function keyOf(url) {
  const first = url.pathname === CONFIG.wallet && ["", "?tab=usable"].includes(url.search);
  return first ? CONFIG.wallet : url.pathname + url.search;
}

// ---- showing a copy ----

async function walletNames() {
  return (await caches.keys()).filter((name) => name.startsWith(WALLET));
}

async function fromWallet(request) {
  for (const name of await walletNames()) {
    const copy = await caches.match(request, { cacheName: name, ignoreVary: true });
    if (copy) return copy;
  }
  return undefined;
}

async function storedPage(url) {
  const copy = await fromWallet(keyOf(url));
  if (!copy) return null;
  return Number(copy.headers.get(UNTIL)) * 1000 > Date.now() ? copy : null;
}

function isPage(response) {
  return (response.headers.get("Content-Type") ?? "").startsWith("text/html");
}

async function storedCopy(copy) {
  const html = await copy.text();
  const moment = new Date(Number(copy.headers.get(STORED_AT)));
  const language = LANGUAGE.exec(html)?.[1] ?? "en";
  const locale = language === "en" ? "en-GB" : "zh-CN";
  const words = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
  const marked = html
    .replace("<html ", `<html data-stored="${moment.toISOString()}" `)
    .replace("data-stored-note hidden", "data-stored-note")
    .replaceAll(/ hx-(?:get|trigger|swap)="[^"]*"/g, "") // asking for news would only fail
    .replaceAll("__STORED_AT__", words.format(moment));
  return new Response(marked, { headers: copy.headers });
}

// ---- fetching ahead, and forgetting ----

addEventListener("message", (event) => {
  const { type, account, wallet } = event.data ?? {};
  if (type === "forget") event.waitUntil(forget());
  if (type === "account") event.waitUntil(account ? meet(account, wallet) : forget());
});

async function meet(account, wallet) {
  const changed = await onlyFor(account);
  if (changed || wallet || Date.now() - refreshedAt > REFRESH_MS) await refresh();
}

// Drop every other account's copies; true when this account has none yet.
async function onlyFor(account) {
  const names = await walletNames();
  const others = names.filter((name) => name !== WALLET + account);
  if (others.length > 0) await forget(others);
  return !names.includes(WALLET + account);
}

async function forget(names) {
  generation += 1;
  refreshedAt = 0;
  await Promise.all((names ?? (await walletNames())).map((name) => caches.delete(name)));
}

async function refresh() {
  const mine = generation;
  const answer = await fetch(CONFIG.pages, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const { account, pages, complete } = await answer.json();
  if (mine !== generation) return;
  refreshedAt = Date.now();
  await onlyFor(account);
  const list = new URL(CONFIG.wallet, location.origin);
  await fetchAhead(list, "");
  for (const { url, mark } of pages) {
    await fetchAhead(new URL(url, location.origin), `${mark}-${CONFIG.version}`);
  }
  if (complete) await dropOthers(account, [CONFIG.wallet, ...pages.map(({ url }) => url)]);
  await dropUnusedFiles();
}

async function fetchAhead(url, mark) {
  const mine = generation;
  const copy = await fromWallet(keyOf(url));
  if (copy && mark && copy.headers.get(MARK) === mark) {
    await confirm(url, copy, mine);
    return;
  }
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!answer.redirected && mine === generation) await keep(url, answer, mark);
}

// The server says that nothing changed: the copy is as good as new.
async function confirm(url, copy, mine) {
  const [name] = await walletNames();
  const headers = new Headers(copy.headers);
  headers.set(STORED_AT, String(Date.now()));
  const body = await copy.text();
  if (!name || mine !== generation) return;
  await (await caches.open(name)).put(keyOf(url), new Response(body, { headers }));
}

// Vouchers that were used up or sent back elsewhere.
async function dropOthers(account, addresses) {
  const wallet = await caches.open(WALLET + account);
  for (const request of await wallet.keys()) {
    const copy = await wallet.match(request, { ignoreVary: true });
    if (copy && isPage(copy) && !addresses.includes(new URL(request.url).pathname)) {
      await wallet.delete(request);
    }
  }
}
