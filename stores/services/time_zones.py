"""Time zones as other people's files write them."""

from __future__ import annotations

import re

from kernel.bounds import zone_names

ALIASES = {
    # Names that other systems use for a zone of the IANA database.
    "Asia/Beijing": "Asia/Shanghai",
    "Asia/New_Delhi": "Asia/Kolkata",
    "America/Oranjestad": "America/Aruba",
    "America/Willemstad": "America/Curacao",
    # Names cut off after thirty characters; only one zone begins so.
    "America/Argentina/Bu": "America/Argentina/Buenos_Aires",
    "America/Dawson_Cree": "America/Dawson_Creek",
    "America/Port_of_Spa": "America/Port_of_Spain",
}
_OFFSET = re.compile(r"^GMT[+-][\d:]+\s+")


def read_time_zone(text: str) -> str | None:
    """Return the IANA name in "GMT+08:00 Asia/Beijing" or "Asia/Shanghai"; None when unknown.

    Only names of places count: a fixed offset such as Etc/GMT+2 knows no summer time, and
    its sign is written the wrong way round more often than not.
    """
    name = _OFFSET.sub("", text.strip())
    name = ALIASES.get(name, name)
    is_place = "/" in name and not name.startswith(("Etc/", "SystemV/"))
    return name if is_place and name in zone_names() else None
