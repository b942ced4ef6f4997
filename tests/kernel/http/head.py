"""The head of a page as a search engine reads it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

OFTEN = {"og:locale:alternate", "theme-color"}


class Head(HTMLParser):
    """title, meta by name or property, links by rel, data blocks; and the text a visitor sees."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title, self.visible = "", ""
        self.meta: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self.things: list[dict[str, Any]] = []
        self._inside: list[str] = []
        self._block = ""
        self.feed(page)
        self.visible = re.sub(r"\s+", " ", self.visible)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = found.get("name") or found.get("property")
            if name:
                assert name not in self.meta or name in OFTEN, f"{name} stands twice"
                self.meta[name] = found["content"]
        elif tag == "link":
            self.links.append(found)
        elif tag in {"title", "script", "style", "body", "svg"}:
            self._inside.append("ld" if found.get("type") == "application/ld+json" else tag)
            self._block = ""

    def handle_endtag(self, tag: str) -> None:
        opened = {"title", "script", "style", "body", "svg"}
        if self._inside and tag in opened and self._inside.pop() == "ld":
            self.things.append(json.loads(self._block))

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "ld":
            self._block += data
        elif inside == "title":
            self.title += data
        elif inside == "body":
            self.visible += f" {data}"

    @property
    def canonical(self) -> str:
        (link,) = [link for link in self.links if link.get("rel") == "canonical"]
        return link["href"]

    @property
    def languages(self) -> dict[str, str]:
        return {link["hreflang"]: link["href"] for link in self.links if "hreflang" in link}

    def thing(self, *kinds: str) -> dict[str, Any]:
        """The one data block of a kind."""
        (found,) = [thing for thing in self.things if thing["@type"] in kinds]
        return found
