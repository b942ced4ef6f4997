// Countdowns on the server's clock. The page carries the server's time at which it was drawn; the
// moment its first byte arrived tells how far this device's clock is off.

const meta = document.querySelector('meta[name="server-time"]');
const [navigation] = performance.getEntriesByType("navigation");
const arrived = performance.timeOrigin + (navigation?.responseStart ?? 0);
// A page from the browser's own cache carries an old server time: then trust the device.
const fromCache = navigation?.transferSize === 0;
const offset = meta && !fromCache ? Number(meta.content) - arrived : 0;

const two = (number) => String(number).padStart(2, "0");

function draw(element) {
  const left = Math.max(0, Number(element.dataset.endsAt) - (Date.now() + offset));
  if (left === 0) {
    if (element.classList.contains("countdown--over")) return;
    element.classList.add("countdown--over");
    element.querySelector(".countdown__until").textContent = element.dataset.overWord;
    element.dispatchEvent(new CustomEvent("countdown-over", { bubbles: true }));
    return;
  }
  const seconds = Math.floor(left / 1000);
  const parts = {
    days: Math.floor(seconds / 86_400),
    hours: two(Math.floor(seconds / 3_600) % 24),
    minutes: two(Math.floor(seconds / 60) % 60),
    seconds: two(seconds % 60),
  };
  for (const [name, value] of Object.entries(parts)) {
    const part = element.querySelector(`[data-part="${name}"]`);
    if (!part || part.textContent === String(value)) continue;
    part.textContent = value;
    if (name === "days") part.parentElement.hidden = value === 0;
    if (name === "hours") part.parentElement.hidden = seconds < 3_600;
  }
}

let timer = 0;

function tick() {
  clearTimeout(timer);
  const all = document.querySelectorAll("[data-ends-at]");
  all.forEach(draw);
  // On the full second of the server, and only while somebody looks.
  if (all.length && !document.hidden) timer = setTimeout(tick, 1000 - ((Date.now() + offset) % 1000));
}

tick();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
});
document.addEventListener("htmx:afterSwap", tick);
