// A handheld scanner is a keyboard that types fast and ends with Enter. Whatever has the focus, what
// it types goes to the scan form: fields get back what they held, buttons are not pressed.

const LEAST_CHARACTERS = 8;
const BURST_MILLISECONDS = 60;
const FORGET_MILLISECONDS = 3_000;

const form = document.getElementById("scan-form");
const codeInput = form?.querySelector("[data-scan-code]");

let typed = "";
let lastKeyAt = 0;
let slowest = 0;
let field = null;
let fieldValue = "";

function isField(element) {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

function forget() {
  typed = "";
  slowest = 0;
  field = null;
}

function begin(target) {
  forget();
  if (isField(target)) {
    field = target;
    fieldValue = target.value;
  }
}

function looksScanned() {
  if (typed.length < LEAST_CHARACTERS) return false;
  // A person types into a field at a person's pace; elsewhere nobody types for another reason.
  return !field || slowest <= BURST_MILLISECONDS;
}

function send(code) {
  if (form.dataset.sent) return;
  codeInput.value = code;
  form.requestSubmit();
}

function finish(event) {
  const code = typed;
  if (!looksScanned()) {
    forget();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (field && field.type !== "file") field.value = fieldValue;
  forget();
  send(code);
}

function collect(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target === codeInput && codeInput.type !== "hidden") return;
  const gap = event.timeStamp - lastKeyAt;
  lastKeyAt = event.timeStamp;
  if (event.key === "Enter") {
    finish(event);
    return;
  }
  if (event.key.length !== 1) return;
  if (gap > FORGET_MILLISECONDS || !typed) begin(event.target);
  else slowest = Math.max(slowest, gap);
  // A space would press the button that has the focus; codes from a scanner hold none.
  if (event.key === " " && !field && typed) event.preventDefault();
  typed += event.key;
}

if (form && codeInput) {
  document.addEventListener("keydown", collect, true);
  // A second scan replaces the first one, also after "back".
  codeInput.addEventListener("focus", () => codeInput.select());
  addEventListener("pageshow", (event) => {
    // Not on a first showing: somebody may have typed before the page was complete.
    if (event.persisted) codeInput.value = "";
  });
  form.querySelector("[data-scan-picture]")?.addEventListener("change", (event) => {
    if (event.target.files.length) form.requestSubmit();
  });
}
