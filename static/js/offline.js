// Registers the service worker, tells it whose pages these are, and what to forget at logout.
// On a stored copy (static/sw.js) says how old it is, and comes back when the network does.

const MINUTE = 60_000;
const SETTLED_MS = 2_000;
const meta = document.querySelector('meta[name="account"]');
const storedAt = document.documentElement.dataset.stored;

async function start() {
  const worker = navigator.serviceWorker;
  const registration = await worker.register(meta.dataset.worker, {
    scope: "/",
    updateViaCache: "none",
  });
  if (storedAt) return;
  await worker.ready;
  registration.active?.postMessage({
    type: "account",
    account: meta.content,
    wallet: document.querySelector("[data-wallet]") !== null,
  });
}

// What is private goes at once, whether or not the answer to the logout ever arrives.
async function forget() {
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.active?.postMessage({ type: "forget" });
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("wallet-")).map((name) => caches.delete(name)));
}

function age() {
  const minutes = Math.round((Date.now() - Date.parse(storedAt)) / MINUTE);
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  if (minutes < 60) return words.format(-minutes, "minute");
  if (minutes < 60 * 24) return words.format(-Math.round(minutes / 60), "hour");
  return words.format(-Math.round(minutes / 60 / 24), "day");
}

function tellAge() {
  document.querySelectorAll("[data-stored-age]").forEach((place) => {
    place.textContent = `(${age()})`;
  });
}

// A network that has just come may go again; and who is on their way elsewhere is not held up.
let leaving = false;

function comeBack() {
  if (navigator.onLine && !leaving) location.reload();
}

if (storedAt) {
  tellAge();
  setInterval(tellAge, MINUTE);
  addEventListener("online", () => setTimeout(comeBack, SETTLED_MS));
  addEventListener("beforeunload", () => {
    leaving = true;
  });
}

if (meta && "serviceWorker" in navigator) {
  document.addEventListener("submit", (event) => {
    const { pathname } = new URL(event.target.getAttribute("action") ?? "", location.href);
    if (pathname === meta.dataset.logout) forget();
  });
  // After the page itself: the worker's own downloads must not stand in its way.
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  const later = () => idle(() => start().catch(() => {}));
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}
