// Scan with the camera: the browser's own detector where there is one, else frames that the server
// reads. The first voucher code found is put into the scan form and sent; other codes are passed
// over. Who scans with the camera scans the next guest's code with it as well: it opens by itself
// until it is stopped.

const LOOK_EVERY_MILLISECONDS = 200;
const SEND_EVERY_MILLISECONDS = 700;
const FRAME_EDGE = 960;
const JPEG_QUALITY = 0.8;
const WANTED = "camera-wanted";
const BUZZ_MILLISECONDS = 60;
const OUR_PREFIX = "O2O1.";

const box = document.querySelector("[data-camera]");
const form = document.getElementById("scan-form");

let stream = null;
let running = 0;

// Of several codes in view ours: a pay code stands beside many a till.
function isOurs(code) {
  return code.startsWith(OUR_PREFIX);
}

function pick(codes) {
  return codes.find(isOurs) ?? codes[0] ?? "";
}

function say(text) {
  box.querySelector("[data-camera-state]").textContent = text;
}

function show(open) {
  box.querySelector("[data-camera-view]").hidden = !open;
  box.querySelector("[data-camera-start]").hidden = open;
}

function stop() {
  running += 1;
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  show(false);
}

function found(code) {
  stop();
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(BUZZ_MILLISECONDS);
  form.querySelector("[data-scan-code]").value = code;
  form.requestSubmit();
}

function frame(video) {
  const scale = Math.min(1, FRAME_EDGE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
}

async function askServer(video) {
  const picture = await frame(video);
  if (!picture) return "";
  const body = new FormData();
  body.append("picture", picture, "frame.jpg");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(box.dataset.decode, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token },
    credentials: "same-origin",
  });
  return answer.ok ? (await answer.json()).code : "";
}

async function reader() {
  if ("BarcodeDetector" in window) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      const read = async (video) => pick((await detector.detect(video)).map((code) => code.rawValue));
      return { read, pause: LOOK_EVERY_MILLISECONDS };
    }
  }
  return { read: askServer, pause: SEND_EVERY_MILLISECONDS };
}

async function look(video, round) {
  const { read, pause } = await reader();
  while (round === running) {
    let code = "";
    try {
      if (video.videoWidth) code = await read(video);
    } catch {
      code = ""; // a frame lost to a bad network; the next one follows
    }
    if (round !== running) return;
    if (isOurs(code)) {
      found(code);
      return;
    }
    if (code) say(box.dataset.foreign);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function start() {
  show(true);
  if (!navigator.mediaDevices?.getUserMedia) {
    say(box.dataset.missing);
    return;
  }
  running += 1;
  const round = running;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 } },
    });
  } catch (error) {
    sessionStorage.removeItem(WANTED);
    say(error.name === "NotAllowedError" ? box.dataset.denied : box.dataset.missing);
    return;
  }
  if (round !== running) {
    stop();
    return;
  }
  sessionStorage.setItem(WANTED, "yes");
  const video = box.querySelector("video");
  video.srcObject = stream;
  await video.play();
  say(box.dataset.reading);
  look(video, round);
}

if (box && form) {
  box.querySelector("[data-camera-start] button").addEventListener("click", start);
  box.querySelector("[data-camera-stop]").addEventListener("click", () => {
    sessionStorage.removeItem(WANTED);
    stop();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", () => {
    if (sessionStorage.getItem(WANTED)) start();
  });
}
