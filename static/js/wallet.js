// The open voucher: the screen stays on while its code is shown.

let lock = null;

async function stayAwake() {
  if (!navigator.wakeLock || lock || document.visibilityState !== "visible") return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => {
      lock = null;
    });
  } catch {
    // A low battery may refuse; the code is shown all the same.
  }
}

if (document.querySelector("[data-awake]")) {
  stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
}
