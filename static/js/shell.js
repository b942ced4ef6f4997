// The theme, toasts, and the guard against sending a form twice. Works on the whole document by
// delegation, so parts swapped in by htmx need no set-up.

const root = document.documentElement;
const YEAR_SECONDS = 31_536_000;
const TOAST_MILLISECONDS = 6_000;

// ---- theme: the choice is a cookie, so that the server draws the right page at once ----
function darkNow() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function chooseTheme(theme) {
  root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}

// ---- toasts ----
function leave(toast) {
  toast.remove();
}

function watchToast(toast) {
  // Errors stay until they are closed: nobody should miss one by looking away.
  if (toast.dataset.toast === "error" || toast.dataset.toast === "warning") return;
  let timer = setTimeout(leave, TOAST_MILLISECONDS, toast);
  const hold = () => clearTimeout(timer);
  const go = () => {
    timer = setTimeout(leave, TOAST_MILLISECONDS, toast);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

function showToast({ text, level = "info" }) {
  const list = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!list || !template || !text) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.dataset.toast = level;
  toast.classList.add(`toast--${level}`);
  toast.querySelector(".toast__text").textContent = text;
  list.append(toast);
  watchToast(toast);
}

document.addEventListener("toast", (event) => showToast(event.detail ?? {}));
document.querySelectorAll("[data-toast]").forEach(watchToast);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) chooseTheme(darkNow() ? "light" : "dark");
  const close = event.target.closest("[data-toast-close]");
  if (close) leave(close.closest(".toast"));
});

// ---- forms with data-once go out once; aria-busy instead of disabled keeps the button's value ----
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  const label = button.querySelector("span");
  if (button.dataset.busy && label) {
    button.dataset.label = label.textContent;
    label.textContent = button.dataset.busy;
  }
});

function releaseForms(scope) {
  scope.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    // Of the form, also where it stands outside of it: the bar at the bottom of a product.
    [...form.elements].forEach((button) => {
      if (!button.hasAttribute("aria-busy")) return;
      button.removeAttribute("aria-busy");
      const label = button.querySelector("span");
      if (label && button.dataset.label) label.textContent = button.dataset.label;
    });
  });
}

// The back button may bring the page back as it was left; and an htmx request may end in place.
addEventListener("pageshow", (event) => {
  if (event.persisted) releaseForms(document);
});
document.addEventListener("htmx:afterRequest", () => releaseForms(document));

// A refused form: take the reader to the summary of what is wrong.
document.querySelector("[data-focus]")?.focus();
