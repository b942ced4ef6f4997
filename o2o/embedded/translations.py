"""Compiling the translations: `python -m o2o.embedded.translations` makes a .mo of every newer .po.

The .mo files are made at install and are not kept in the repository.
"""

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from o2o.embedded.paths import PROJECT_ROOT


def compile_translations(root: Path = PROJECT_ROOT) -> list[Path]:
    """Compile every `locale/*/LC_MESSAGES/*.po` that is newer than its .mo; returns the files written.

    Fuzzy entries are left out. Raises PoFileError for a broken catalogue.
    """
    written: list[Path] = []
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, catalog)
        draft.replace(target)
        written.append(target)
    return written


def main() -> int:
    """Compile and say what was written; 1 when a catalogue is broken."""
    try:
        for target in compile_translations():
            sys.stdout.write(f"compiled {target.relative_to(PROJECT_ROOT)}\n")
    except (PoFileError, OSError) as error:
        sys.stderr.write(f"Translations could not be compiled: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
