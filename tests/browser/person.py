"""A person at a browser: looks for words in their own language, and notices what goes wrong."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

PHONE, DESK = 360, 1280
HEIGHTS = {PHONE: 740, DESK: 860}
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
WAIT_MILLISECONDS = 10_000
# Chromium says this of every answer from 400 on; `Person._answer` judges those by their status.
KNOWN_WORDS = "Failed to load resource"


class Person:
    """One visitor: a fresh browser profile with a language, a window width and a colour scheme."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        language: str = "en",
        width: int = DESK,
        theme: str = "light",
        script: bool = True,
        worker: bool = False,
        touch: bool = False,
    ) -> None:
        self.address = address
        self.language = language
        self.troubles: list[str] = []
        self.expected_statuses: set[int] = set()
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": HEIGHTS[width]},
            locale=LOCALES[language],
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=script,
            reduced_motion="reduce",
            has_touch=touch,
            # It would go on asking the server after the test's end; test_offline.py lets it in.
            service_workers="allow" if worker else "block",
        )
        self.context.set_default_timeout(WAIT_MILLISECONDS)
        self.context.on("console", self._console)
        self.context.on("weberror", self._script_error)
        self.context.on("request", self._request)
        self.context.on("response", self._answer)
        self.page: Page = self.context.new_page()

    # What goes wrong -------------------------------------------------------------------

    def expect_status(self, *statuses: int) -> None:
        """Answers with these statuses are part of the story from now on."""
        self.expected_statuses.update(statuses)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(KNOWN_WORDS):
            self.troubles.append(f"console at {self.page.url}: {message.text}")

    def _script_error(self, error: WebError) -> None:
        self.troubles.append(f"script at {self.page.url}: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self.address:
            self.troubles.append(f"{self.page.url} asked another host: {request.url}")

    def _answer(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.troubles.append(f"{response.status} for {response.url}")

    # Words -----------------------------------------------------------------------------

    def word(self, english: str, **facts: Any) -> str:
        """What this person reads where an English reader reads ``english``."""
        with translation.override(self.language):
            text = translation.gettext(english)
        return text % facts if facts else text

    # Going about -----------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path)

    def leave(self) -> None:
        """Close the browser profile."""
        self.context.close()

    @property
    def path(self) -> str:
        """Where the person is, without the host."""
        return urlsplit(self.page.url).path

    @property
    def main(self) -> Locator:
        """The page's own content."""
        return self.page.locator("main")

    def button(self, english: str, **facts: Any) -> Locator:
        """The first visible button of this name."""
        return self._named("button", english, facts)

    def link(self, english: str, **facts: Any) -> Locator:
        """The first visible link of this name."""
        return self._named("link", english, facts)

    def _named(self, role: Any, english: str, facts: dict[str, Any]) -> Locator:
        self.page.wait_for_load_state()  # before its style sheets a page shows what it will hide
        name = self.word(english, **facts)
        found = self.page.get_by_role(role, name=name, exact=True)
        return found.filter(visible=True).first

    def field(self, english: str) -> Locator:
        """The form field of this label."""
        return self.page.get_by_label(self.word(english), exact=True).filter(visible=True).first

    def sees(self, text: str) -> None:
        """Fail unless ``text`` (as it stands on the page) shows."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(
            timeout=WAIT_MILLISECONDS
        )

    def reads(self, english: str, **facts: Any) -> None:
        """Fail unless the translation of ``english`` shows."""
        self.sees(self.word(english, **facts))

    def log_in(self, identifier: str, password: str) -> None:
        """Fill the login form that is open."""
        self.page.locator("main [name=identifier]").fill(identifier)
        self.page.locator("main [name=password]").fill(password)
        self.page.locator("main [name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def shot(self, part: Locator) -> io.BytesIO:
        """A picture of a part of the page, as somebody's camera would see it."""
        return io.BytesIO(part.screenshot())
