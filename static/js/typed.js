// What was typed stays when the language is switched: kept in this tab for this address alone, put back
// once, when the page has come again. No passwords, files or hidden fields, and nothing that is sent
// at once when it changes.

const KEY = "typed";
const LEFT_OUT =
  "[type=password], [type=hidden], [type=file], [autocomplete=one-time-code], [data-submit]";
const FIELDS = "input[name], textarea[name], select[name]";

function typedFields() {
  const found = [...document.querySelectorAll("main form")].flatMap((form) =>
    form.method === "post" ? [...form.elements] : [],
  );
  return [...new Set(found)].filter((field) => field.matches(FIELDS) && !field.matches(LEFT_OUT));
}

// Fields of one name (choices, rows) are told apart by their place among them.
function named(fields) {
  const seen = new Map();
  return fields.map((field) => {
    const place = seen.get(field.name) ?? 0;
    seen.set(field.name, place + 1);
    return [`${field.name} ${place}`, field];
  });
}

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";

document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-language]")) return;
  const kept = named(typedFields()).map(([name, field]) => [
    name,
    isChoice(field) ? field.checked : field.value,
  ]);
  if (kept.length) {
    sessionStorage.setItem(KEY, JSON.stringify({ at: location.pathname, kept }));
  }
});

function putBack() {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const { at, kept } = JSON.parse(text ?? "{}");
  if (at !== location.pathname) return;
  const values = new Map(kept);
  named(typedFields()).forEach(([name, field]) => {
    const value = values.get(name);
    const part = isChoice(field) ? "checked" : "value";
    if (value === undefined || field[part] === value) return;
    field[part] = value;
    // Whoever counts characters or shows the price of a choice hears of it.
    field.dispatchEvent(new Event(isChoice(field) ? "change" : "input", { bubbles: true }));
  });
}

putBack();
