// A handheld scanner is a keyboard that types fast and ends with Enter or Tab. Whatever has the focus,
// what it types goes to the scan form: fields get back what they held, buttons are not pressed. What a
// frame, another keyboard layout or a dash has made of a code is put right by the server.
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
  // A scanner that sees two codes types both: a foreign one waits a moment for ours.
  const NEXT_CODE_MILLISECONDS = 250;
  const OURS = /O2O1\.|^\D{0,3}\d{12}$/i;
  const NO_TEXT = new Set(["button", "checkbox", "file", "radio", "submit"]);

  let typed = "";
  let lastKeyAt = 0;
  let slowest = 0;
  let resumed = false;
  let field = null;
  let fieldValue = "";
  let waiting = "";
  let held = 0;

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

  function deliver(code) {
    clearTimeout(held);
    if (OURS.test(code)) send(code);
    else held = setTimeout(send, NEXT_CODE_MILLISECONDS, code);
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
    deliver(code);
  }

  // What a person types into the code field is sent by Enter as in any form. A scan may have begun
  // before the field was there, and another one may follow it at once.
  function finishInPlace(event) {
    const input = event.target;
    const begun = typed.length > input.value.length && typed.endsWith(input.value);
    const code = begun ? typed : input.value;
    const scanned = looksScanned();
    forget();
    if (!scanned) return;
    event.preventDefault();
    event.stopPropagation();
    input.select();
    deliver(code);
  }

  function collect(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const own = event.target === codeField() && event.target.type !== "hidden";
    const gap = event.timeStamp - lastKeyAt;
    lastKeyAt = event.timeStamp;
    if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) {
      if (own) finishInPlace(event);
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
