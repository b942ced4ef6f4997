"""Draws every screen: both languages, both themes, a phone and a desk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools.screenshots.screens import Screen
from tools.screenshots.walk import walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {360: 740, 1280: 860}
TALLEST = 9000
QUALITY = 82
WAIT_MILLISECONDS = 10_000
# The picture shows what a person would have scrolled to.
ALL_PICTURES = """async () => {
  const pictures = [...document.images].filter((picture) => picture.currentSrc || picture.src);
  for (const picture of pictures) picture.loading = "eager";
  const late = new Promise((done) => setTimeout(done, 3000));
  const all = pictures.map((picture) => picture.decode().catch(() => {}));
  await Promise.race([late, Promise.all(all)]);
}"""
# The back office looks at the system's wish only while it loads; the shop follows it by CSS.
FOLLOW_THEME = """() => {
  const page = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (page.hasAttribute("x-data")) page.classList.toggle("dark", dark);
}"""
HEIGHT = "() => document.documentElement.scrollHeight"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture. ``file`` is relative to the folder."""

    screen: str
    group: str
    language: str
    theme: str
    width: int
    file: str


@dataclass(slots=True)
class Camera:
    """Goes through the screens with one browser profile per role and language."""

    browser: Browser
    address: str
    sessions: dict[str, str]
    places: dict[str, str]
    folder: Path
    until: float
    say: Callable[[str], None]
    shots: list[Shot] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    left_out: int = 0

    def draw(self, groups: Mapping[str, Iterable[Screen]]) -> None:
        """Draw all groups; what fails is remembered and the rest goes on."""
        for language in LOCALES:
            profiles: dict[str, BrowserContext] = {}
            for group, screens in groups.items():
                self.say(f"{group}, {language}")
                for screen in screens:
                    if time.monotonic() > self.until:
                        self.left_out += 1
                        continue
                    if screen.who not in profiles:
                        profiles[screen.who] = self._profile(screen.who, language)
                    self._draw(profiles[screen.who], screen, group, language)
            for profile in profiles.values():
                profile.close()

    def _profile(self, who: str, language: str) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address,
            locale=LOCALES[language],
            reduced_motion="reduce",
            service_workers="block",
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        if who in self.sessions:
            cookie = {"name": "sessionid", "value": self.sessions[who], "url": self.address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        return context

    def _draw(self, profile: BrowserContext, screen: Screen, group: str, language: str) -> None:
        page = profile.new_page()
        try:
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                status = walk(page, screen, self.places, language)
                if status != screen.status:
                    raise AssertionError(f"answered {status} instead of {screen.status}")
                # As tall as the page, so that bars at the bottom are at its bottom; an open
                # dialog lies over the first screenful.
                if not page.locator("dialog[open]").count():
                    page.evaluate(ALL_PICTURES)
                    whole = min(TALLEST, max(height, page.evaluate(HEIGHT)))
                    page.set_viewport_size({"width": width, "height": whole})
                for theme in THEMES:
                    self._shoot(page, Shot(screen.name, group, language, theme, width, ""))
        except Exception as error:
            line = str(error).strip().splitlines()[0]
            self.failures.append(f"{screen.name}, {language}: {line}")
        finally:
            page.close()

    def _shoot(self, page: Page, shot: Shot) -> None:
        page.emulate_media(color_scheme=shot.theme)  # type: ignore[arg-type]
        page.evaluate(FOLLOW_THEME)
        page.evaluate(ALL_PICTURES)
        name = f"{shot.screen}/{shot.language}-{shot.theme}-{shot.width}.jpg"
        page.screenshot(
            path=self.folder / name,
            type="jpeg",
            quality=QUALITY,
            animations="disabled",
        )
        self.shots.append(
            Shot(shot.screen, shot.group, shot.language, shot.theme, shot.width, name)
        )
