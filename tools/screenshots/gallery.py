"""The index page of the pictures: one file without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tools.screenshots.camera import Shot

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .75rem 1.5rem;
  align-items: center; padding: .75rem 1rem; background: Canvas; border-bottom: 1px solid GrayText; }
h1 { margin: 0; font-size: 1.1rem; }
label { display: inline-flex; gap: .4rem; align-items: center; }
input, select { font: inherit; padding: .4rem; }
section { padding: 1rem; }
h2 { margin: 0 0 .5rem; font-size: 1rem; scroll-margin-top: 5rem; }
div { display: flex; gap: 1rem; overflow-x: auto; align-items: start; }
figure { margin: 0; flex: none; }
figure[data-width="360"] img { width: 180px; }
figure[data-width="1280"] img { width: 480px; }
img { display: block; border: 1px solid GrayText; border-radius: 6px; max-height: 900px;
  object-fit: cover; object-position: top; }
figcaption { font-size: .8rem; padding-block: .25rem; }
[hidden] { display: none; }
"""
SCRIPT = """
const form = document.forms[0];
const show = () => {
  const want = new FormData(form);
  const word = want.get("page").trim().toLowerCase();
  for (const section of document.querySelectorAll("section")) {
    let shown = 0;
    for (const figure of section.querySelectorAll("figure")) {
      figure.hidden = ["language", "theme", "width"].some(
        (key) => want.get(key) && want.get(key) !== figure.dataset[key]);
      shown += !figure.hidden;
    }
    const group = !want.get("group") || want.get("group") === section.dataset.group;
    section.hidden = !shown || !group || !section.dataset.page.includes(word);
  }
  history.replaceState(null, "", "?" + new URLSearchParams(want));
};
for (const [key, value] of new URLSearchParams(location.search)) {
  if (form.elements[key]) form.elements[key].value = value;
}
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
"""
CHOICES = {
    "language": ("en", "zh-hans"),
    "theme": ("light", "dark"),
    "width": ("360", "1280"),
}


def write_index(folder: Path, shots: Sequence[Shot], note: str) -> Path:
    """Write index.html beside the pictures; its links are relative."""
    by_screen: dict[str, list[Shot]] = {}
    for shot in shots:
        by_screen.setdefault(shot.screen, []).append(shot)
    groups = tuple(dict.fromkeys(shot.group for shot in shots))
    selects = [_select(name, options) for name, options in {"group": groups, **CHOICES}.items()]
    page = format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Every screen</title><style>{}</style></head><body>"
        "<form><h1>Every screen</h1><label>Page <input name=page type=search></label>{}"
        "<span>{}</span></form>{}<script>{}</script></body></html>\n",
        SafeString(STYLE),
        SafeString("".join(selects)),
        note,
        SafeString("".join(_section(name, rows) for name, rows in by_screen.items())),
        SafeString(SCRIPT),
    )
    path = folder / "index.html"
    path.write_text(page)
    return path


def _select(name: str, options: Sequence[str]) -> SafeString:
    inner = format_html_join("", "<option>{}</option>", ((option,) for option in options))
    words = name.capitalize()
    return format_html(
        '<label>{} <select name="{}"><option value="">all</option>{}</select></label>',
        words,
        name,
        inner,
    )


def _section(name: str, shots: Sequence[Shot]) -> SafeString:
    ordered = sorted(shots, key=lambda shot: (shot.width, shot.language, shot.theme == "dark"))
    figures = format_html_join(
        "",
        '<figure data-language="{}" data-theme="{}" data-width="{}"><a href="{}">'
        '<img src="{}" alt="{}" loading="lazy"></a><figcaption>{}</figcaption></figure>',
        (
            (
                shot.language,
                shot.theme,
                shot.width,
                quote(shot.file),
                quote(shot.file),
                f"{name}, {_words(shot)}",
                _words(shot),
            )
            for shot in ordered
        ),
    )
    return format_html(
        '<section data-page="{}" data-group="{}"><h2 id="{}">{}</h2><div>{}</div></section>',
        name,
        shots[0].group,
        name,
        name,
        figures,
    )


def _words(shot: Shot) -> str:
    return f"{shot.width} px, {shot.language}, {shot.theme}"
