// Help: find questions while typing, and open the one that a link points to.

const search = document.querySelector("#help-search");
const found = document.querySelector("#help-found");
const questions = [...document.querySelectorAll(".qa")];
const sections = [...document.querySelectorAll(".help__section")];

function filter() {
  const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const question of questions) {
    const text = question.textContent.toLowerCase();
    const fits = words.every((word) => text.includes(word));
    question.hidden = !fits;
    question.open = fits && words.length > 0;
    shown += fits ? 1 : 0;
  }
  for (const section of sections) {
    const own = [...section.querySelectorAll(".qa")];
    section.hidden = own.length > 0 && own.every((question) => question.hidden);
  }
  found.textContent = shown === 0 ? found.dataset.none : "";
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}

if (search) {
  search.addEventListener("input", filter);
  if (search.value) filter(); // kept by the browser on the way back
}
addEventListener("hashchange", openTarget);
openTarget();
