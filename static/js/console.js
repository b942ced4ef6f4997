// A handheld scanner is a keyboard that types fast and ends with Enter. Whatever has the focus, what
// it types goes to the scan form: fields get back what they held, buttons are not pressed.
//
// It fires when the clerk pulls its trigger, also while a page is still coming. So this is a plain
// script in the head that listens before there is a page to see, and a scan that is cut in two by
// a change of page is handed over from the old page to the new one.
{
  const LEAST_CHARACTERS = 8;
  const BURST_MILLISECONDS = 60;
  const FORGET_MILLISECONDS = 3_000;
  const HAND_OVER_MILLISECONDS = 1_500;
  const HAND_OVER = "scan-begun";
  const NO_TEXT = new Set(["button", "checkbox", "file", "radio", "submit"]);

  let typed = "";
  let lastKeyAt = 0;
  let slowest = 0;
  let resumed = false;
  let field = null;
  let fieldValue = "";
  let waiting = "";

  const scanForm = () => document.getElementById("scan-form");
  const codeField = () => scanForm()?.querySelector("[data-scan-code]") ?? null;

  // What a person types into; a chooser of files or a tick box holds no text.
  function isField(element) {
    if (element instanceof HTMLTextAreaElement) return true;
    return element instanceof HTMLInputElement && !NO_TEXT.has(element.type);
  }

  function forget() {
    typed = "";
    slowest = 0;
    resumed = false;
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
    const form = scanForm();
    if (!form || document.readyState === "loading") {
      waiting = code; // the page is not whole yet
      return;
    }
    if (form.dataset.sent) return;
    codeField().value = code;
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
    if (field) field.value = fieldValue;
    forget();
    send(code);
  }

  // The code field sends itself. What was typed before it was there stands before what it holds.
  function finishInPlace(input) {
    if (looksScanned() && typed.length > input.value.length && typed.endsWith(input.value)) {
      input.value = typed;
    }
    forget();
  }

  function collect(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const own = event.target === codeField() && event.target.type !== "hidden";
    const gap = event.timeStamp - lastKeyAt;
    lastKeyAt = event.timeStamp;
    if (event.key === "Enter") {
      if (own) finishInPlace(event.target);
      else finish(event);
      return;
    }
    if (event.key.length !== 1) return;
    if (gap > FORGET_MILLISECONDS || !typed) begin(event.target);
    else if (resumed) resumed = false;
    else slowest = Math.max(slowest, gap);
    // A space would press the button that has the focus; codes from a scanner hold none.
    if (event.key === " " && !field && typed && !own) event.preventDefault();
    typed += event.key;
  }

  function takeOver() {
    const begun = sessionStorage.getItem(HAND_OVER);
    if (!begun) return;
    sessionStorage.removeItem(HAND_OVER);
    const scan = JSON.parse(begun);
    if (Date.now() - scan.at > HAND_OVER_MILLISECONDS) return;
    typed = scan.typed;
    slowest = scan.slowest;
    lastKeyAt = scan.at - performance.timeOrigin;
    resumed = true;
  }

  function handOver() {
    const at = performance.timeOrigin + lastKeyAt;
    if (!typed || Date.now() - at > HAND_OVER_MILLISECONDS) return;
    sessionStorage.setItem(HAND_OVER, JSON.stringify({ typed, slowest, at }));
  }

  function ready() {
    const form = scanForm();
    if (!form) return;
    // A second scan replaces the first one, also after "back".
    if (!typed) codeField().select?.();
    codeField().addEventListener("focus", () => {
      if (!typed) codeField().select?.();
    });
    if (waiting) {
      const code = waiting;
      waiting = "";
      send(code);
    }
  }

  takeOver();
  addEventListener("keydown", collect, true);
  // A picture chosen while the page's other scripts still load is looked at as well.
  addEventListener("change", ({ target }) => {
    if (target.matches("[data-scan-picture]") && target.files.length) target.form.requestSubmit();
  });
  addEventListener("pagehide", handOver);
  addEventListener("pageshow", (event) => {
    // Not on a first showing: somebody may have typed before the page was complete.
    if (!event.persisted) return;
    forget();
    if (codeField()) codeField().value = "";
  });
  addEventListener("DOMContentLoaded", ready);
}
