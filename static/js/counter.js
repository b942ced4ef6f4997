// The counter on a bad day: no network, a slow one, the back button.

const SLOW_MILLISECONDS = 6_000;

const band = document.querySelector("[data-network]");
let slow = 0;

function tell(text) {
  band.querySelector("span").textContent = text;
  band.hidden = !text;
}

function showNetwork() {
  tell(navigator.onLine ? "" : band.dataset.offline);
}

// Before shell.js counts the form as sent: what was typed stays, and can go out later.
function holdBack(event) {
  if (navigator.onLine) {
    slow = setTimeout(tell, SLOW_MILLISECONDS, band.dataset.slow);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  showNetwork();
  band.scrollIntoView({ block: "center" });
}

// The preview and a refusal answer a form. "Back" and "reload" would ask the browser to send it
// again and show its error page; they lead to the scan page instead.
function forgetForm() {
  const tab = document.querySelector(".console__tab");
  if (document.querySelector("[data-preview], [data-code]") && tab) {
    history.replaceState(null, "", tab.href);
  }
}

if (band) {
  showNetwork();
  addEventListener("online", showNetwork);
  addEventListener("offline", showNetwork);
  addEventListener("submit", holdBack, true);
  addEventListener("pagehide", () => clearTimeout(slow));
  forgetForm();
}
