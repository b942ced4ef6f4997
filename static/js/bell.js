// The bell of console and back office: how many messages are unread, and a short sound for a new one.
// It asks one cheap address while the page is seen, less often when nothing happens or nothing answers.

const OFTEN_MS = 15_000;
const SELDOM_MS = 60_000;
const TROUBLED_MS = 300_000;
const SOUND = "bell-sound";
const HEARD = "bell-heard";
const COUNTED = /^\(\d+\+?\) /;
const NOTES = [
  [880, 0],
  [1174.7, 0.14],
];

const bell = document.querySelector("[data-bell]");
let wait = OFTEN_MS;
let timer = 0;
let tag = "";
let audio = null;

// ---- what this browser remembers; without storage it is silent, and counts all the same ----
function recall(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again on the next page.
  }
}

// ---- the sound: made here, and only after the person has touched the page, as browsers ask ----
const wantsSound = () => recall(SOUND) === "on";

function wakeAudio() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context || !wantsSound()) return;
  audio ??= new Context();
  // Not "running" is also "interrupted", as after a call on an iPhone.
  if (audio.state !== "running") audio.resume().catch(() => {});
}

function ring() {
  if (!wantsSound() || audio?.state !== "running") return;
  for (const [pitch, after] of NOTES) {
    const begin = audio.currentTime + after;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.4);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.45);
  }
}

// A finger that comes down may still scroll: browsers count it as a touch when it leaves. A mouse and a key
// count at once. Captured, for a page may keep an event to itself.
for (const event of ["pointerdown", "pointerup", "touchend", "click", "keydown"])
  addEventListener(event, wakeAudio, { passive: true, capture: true });

// ---- the switch of the sound, on the page of what one hears of ----
const button = document.querySelector("[data-bell-sound]");

function drawSwitch() {
  if (button) button.setAttribute("aria-pressed", String(wantsSound()));
}

button?.addEventListener("click", async () => {
  keep(SOUND, wantsSound() ? "off" : "on");
  drawSwitch();
  wakeAudio();
  await audio?.resume().catch(() => {});
  ring(); // so that one knows what to listen for
});

// ---- the count ----
function show({ unread, shown, latest, words }) {
  const count = bell.querySelector("[data-bell-count]");
  count.textContent = shown;
  count.hidden = unread === 0;
  bell.setAttribute("aria-label", words);
  const title = document.title.replace(COUNTED, "");
  document.title = unread ? `(${shown}) ${title}` : title;
  const heard = Number(recall(HEARD) || latest);
  if (latest > heard) {
    ring();
    const said = document.querySelector("[data-bell-said]");
    if (said) said.textContent = words;
    bell.classList.remove("bell--new");
    void bell.offsetWidth; // begins the movement again
    bell.classList.add("bell--new");
  }
  keep(HEARD, String(Math.max(heard, latest)));
}

async function ask() {
  const answer = await fetch(bell.dataset.bell, {
    headers: tag ? { "If-None-Match": tag } : {},
    redirect: "manual",
    cache: "no-store",
  });
  if (answer.type === "opaqueredirect" || answer.status === 401) return Infinity; // signed out meanwhile
  if (answer.status === 304) return Math.min(wait * 1.5, SELDOM_MS);
  if (!answer.ok) return Math.min(wait * 2, TROUBLED_MS);
  tag = answer.headers.get("ETag") ?? "";
  show(await answer.json());
  return OFTEN_MS;
}

async function turn() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    wait = await ask();
  } catch {
    wait = Math.min(wait * 2, TROUBLED_MS);
  }
  clearTimeout(timer);
  if (Number.isFinite(wait)) timer = setTimeout(turn, wait);
}

drawSwitch();
if (bell) {
  document.addEventListener("visibilitychange", () => {
    wait = OFTEN_MS;
    turn();
  });
  turn();
}
