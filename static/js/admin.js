// What the admin's theme leaves without a name, for people who listen to the page: its main part,
// its scrolling boxes, and the search boxes that stand in for select fields.

const FIELD_NAMES = ".select2-selection, .select2-selection__rendered, .select2-search__field";

function nameSelects() {
  document.querySelectorAll(".select2-container").forEach((container) => {
    const field = container.previousElementSibling;
    const named = field?.labels?.[0]?.textContent.replace("*", "").trim();
    const label = named || field?.getAttribute("aria-label"); // in a row, the column says it
    if (!label) return;
    container.querySelectorAll(FIELD_NAMES).forEach((part) => {
      part.setAttribute("aria-label", label);
      part.removeAttribute("aria-labelledby");
    });
  });
}

function nameParts() {
  document.getElementById("main")?.setAttribute("role", "main");
  // Boxes that scroll are no landmarks, and half a dozen with one name are no help.
  document.querySelectorAll(".simplebar-content-wrapper").forEach((box) => {
    box.setAttribute("role", "group");
    box.removeAttribute("aria-label");
  });
  const menu = document.getElementById("nav-sidebar-inner");
  if (menu) menu.setAttribute("aria-label", document.title.split("|").pop().trim());
  nameSelects();
}

// Charts write in Helvetica and in one grey, which can't be read on both backgrounds: like the page.
function inkCharts() {
  if (!window.Chart) return;
  const { color: ink, fontFamily } = getComputedStyle(document.body);
  window.Chart.defaults.font.family = fontFamily;
  Object.values(window.Chart.instances).forEach((chart) => {
    // A drawing says what it shows; its figures stand in the table below it.
    chart.canvas.setAttribute("role", "img");
    if (chart.options.label) chart.canvas.setAttribute("aria-label", chart.options.label);
    chart.options.color = ink;
    Object.values(chart.options.scales ?? {}).forEach((scale) => {
      scale.ticks = { ...scale.ticks, color: ink };
      scale.title = { ...scale.title, color: ink };
    });
    chart.update("none");
  });
}

// Search boxes are created late, and again whenever a choice is made.
let waiting = 0;
function nameSoon() {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(nameSelects);
}

// A button that says its consequence before it acts; without this script its own words must do.
addEventListener("click", (event) => {
  const asking = event.target.closest?.("[data-ask]");
  if (asking && !confirm(`${asking.textContent.trim()}?\n\n${asking.dataset.ask}`)) {
    event.preventDefault();
  }
});

// A link that is shown once is copied: by the clipboard, or selected where that is not allowed.
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    const area = document.createElement("textarea");
    area.value = button.dataset.copy;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    if (!done) return;
  }
  button.textContent = button.dataset.copied;
}

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});

// The field that a line of the error list leads to; a search box stands in for a hidden select.
function fieldOf(link) {
  const named = document.getElementById(link.hash.slice(1));
  if (!named) return null;
  if (named.matches(".select2-hidden-accessible")) {
    return named.nextElementSibling?.querySelector(".select2-selection");
  }
  const typed = "input:not([type=hidden]), select, textarea, button, [tabindex]";
  return named.matches(typed) ? named : named.querySelector(typed);
}

// The tab of the link has opened by then: Alpine has seen the click first.
function leadTo(link) {
  requestAnimationFrame(() => {
    const field = fieldOf(link);
    field?.focus({ preventScroll: true });
    (field ?? document.getElementById(link.hash.slice(1)))?.scrollIntoView({ block: "center" });
  });
}

addEventListener("click", (event) => {
  const link = event.target.closest?.(".errornote a[href^='#']");
  if (link) leadTo(link);
});

addEventListener("load", () => {
  nameParts();
  document.querySelector(".errornote a[href^='#']")?.click();
  inkCharts();
  new MutationObserver(inkCharts).observe(document.documentElement, {
    attributeFilter: ["class"],
  });
  const main = document.getElementById("main");
  if (main) new MutationObserver(nameSoon).observe(main, { childList: true, subtree: true });
});

// A form that shows what comes of it while it is typed; without this script its button does.
const PREVIEW_AFTER_MS = 300;
const asking = new WeakMap();

async function preview(form) {
  const known = asking.get(form);
  known?.abort?.abort();
  const abort = new AbortController();
  asking.set(form, { abort });
  const body = new FormData(form);
  const options = { headers: { "X-Preview": "1" }, signal: abort.signal };
  let address = location.href;
  if (form.method === "post") {
    body.set("_preview", "1");
    Object.assign(options, { method: "POST", body });
  } else {
    address = `${location.pathname}?${new URLSearchParams(body)}`;
  }
  try {
    const answer = await fetch(address, options);
    if (!answer.ok) return;
    document.querySelector(form.dataset.preview).innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-preview]");
  // What is typed into the shown part itself must not be drawn away.
  if (!form || event.target.closest(form.dataset.preview)) return;
  clearTimeout(asking.get(form)?.timer);
  const timer = setTimeout(() => preview(form), PREVIEW_AFTER_MS);
  asking.set(form, { ...asking.get(form), timer });
});
