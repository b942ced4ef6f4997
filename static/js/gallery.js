// The gallery of a product: the strip scrolls and snaps by itself. Here the small pictures and the
// buttons turn it without moving the page, and the small picture of what is in sight is marked.

function current(strip) {
  return Math.round(Math.abs(strip.scrollLeft) / Math.max(1, strip.clientWidth));
}

function turnTo(strip, index) {
  const last = strip.children.length - 1;
  const slide = strip.children[Math.min(last, Math.max(0, index))];
  strip.scrollTo({ left: slide.offsetLeft - strip.children[0].offsetLeft });
}

function mark(gallery, strip) {
  const index = current(strip);
  gallery.querySelectorAll(".gallery__thumb").forEach((thumb, number) => {
    if (number === index) thumb.setAttribute("aria-current", "true");
    else thumb.removeAttribute("aria-current");
  });
  gallery.querySelectorAll("[data-gallery-turn]").forEach((button) => {
    const next = index + Number(button.dataset.galleryTurn);
    button.disabled = next < 0 || next >= strip.children.length;
  });
}

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const strip = gallery.querySelector("[data-gallery-strip]");
  gallery.addEventListener("click", (event) => {
    const thumb = event.target.closest(".gallery__thumb");
    const turn = event.target.closest("[data-gallery-turn]");
    if (thumb) {
      event.preventDefault();
      turnTo(strip, [...gallery.querySelectorAll(".gallery__thumb")].indexOf(thumb));
    } else if (turn) {
      turnTo(strip, current(strip) + Number(turn.dataset.galleryTurn));
    }
  });
  let waiting = 0;
  strip.addEventListener("scroll", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => mark(gallery, strip));
  });
  mark(gallery, strip);
}
