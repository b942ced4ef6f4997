// Small controls: quantity stepper, copy, "near me", forms that send themselves on a change.

function toast(text, level) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
}

// ---- stepper ----
function edges(stepper) {
  const input = stepper.querySelector("input");
  const value = Number(input.value);
  const [less, more] = stepper.querySelectorAll("[data-step]");
  less.disabled = input.min !== "" && value <= Number(input.min);
  more.disabled = input.max !== "" && value >= Number(input.max);
}

function step(button) {
  const stepper = button.closest("[data-stepper]");
  const input = stepper.querySelector("input");
  const before = input.value;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
}

// ---- a password that can be looked at ----
function reveal(button, shown) {
  button.previousElementSibling.type = shown ? "text" : "password";
  button.ariaPressed = String(shown);
}

// ---- near me: coordinates to about ten metres, no finer than a list of stores needs ----
const DECIMALS = 4;
const LOCATE = { enableHighAccuracy: false, timeout: 10_000, maximumAge: 120_000 };

function fillPosition(form, { latitude, longitude }) {
  const lat = latitude.toFixed(DECIMALS);
  const lng = longitude.toFixed(DECIMALS);
  const values = { lat, lng, near: `${lat},${lng}` };
  for (const [name, value] of Object.entries(values)) {
    const input = form.elements.namedItem(name);
    if (input) input.value = value;
  }
  form.requestSubmit();
}

function locate(button) {
  const form = button.form ?? button.closest("form");
  if (!form || button.getAttribute("aria-busy")) return;
  if (!navigator.geolocation) {
    toast(button.dataset.failed, "error");
    return;
  }
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    (position) => {
      button.removeAttribute("aria-busy");
      fillPosition(form, position.coords);
    },
    (error) => {
      button.removeAttribute("aria-busy");
      const denied = error.code === GeolocationPositionError.PERMISSION_DENIED;
      toast(denied ? button.dataset.denied : button.dataset.failed, "error");
    },
    LOCATE,
  );
}

// ---- copy: the clipboard where it is allowed, a selection elsewhere (plain http) ----
async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    if (!done) return;
  }
  toast(button.dataset.copied, "success");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.step) step(button);
  else if ("nearMe" in button.dataset) locate(button);
  else if ("copy" in button.dataset) copy(button);
  else if ("print" in button.dataset) print();
  else if ("reveal" in button.dataset) reveal(button, button.ariaPressed !== "true");
});

// Hidden again before it is sent: the browser keeps it as a password, not as a word once typed.
document.addEventListener("submit", (event) => {
  event.target.querySelectorAll("[data-reveal]").forEach((button) => reveal(button, false));
});

document.addEventListener("change", (event) => {
  const stepper = event.target.closest("[data-stepper]");
  if (stepper) edges(stepper);
  if (event.target.closest("[data-submit]")) event.target.form?.requestSubmit();
});

document.querySelectorAll("[data-stepper]").forEach(edges);
document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll("[data-stepper]").forEach(edges);
});
