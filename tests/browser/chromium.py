"""Finds a Chromium for the browser tests, or gets one: `python -m tests.browser.chromium`.

Prints its path. Order: CHROMIUM, names on PATH, usual places, Playwright's own cache; then Playwright's
installer with a time limit, then apt-get when we are root. When none can be had, says so loudly and prints
nothing: the browser tests are skipped, unless CI=true, which makes it a failure (exit code 1).
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

NAMES = (
    # Opens no window and its pages: the journeys take two thirds of the processor time.
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
PLACES = (
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/opt/chromium/chrome",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright", "/ms-playwright")
PLAYWRIGHT_PROGRAMS = (
    "chromium*/chrome*/chrome",
    "chromium*/chrome*/headless_shell",
    "chromium*/chrome*/chrome-headless-shell",
    "chromium*/chrome*/Chromium.app/Contents/MacOS/Chromium",
)
TRIAL_SECONDS = 30
PLAYWRIGHT_SECONDS = 60
APT_SECONDS = 300


def launch_arguments() -> list[str]:
    """What Chromium must be told on this machine: root may not use its sandbox, /dev/shm may be tiny."""
    arguments = ["--disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return arguments


def works(program: str) -> bool:
    """True when this program really opens an empty page; a stub or missing libraries make it False."""
    command = [
        program,
        "--headless",
        "--disable-gpu",
        *launch_arguments(),
        "--dump-dom",
        "about:blank",
    ]
    return _run(command, seconds=TRIAL_SECONDS, quiet=True)


def candidates() -> Iterator[str]:
    """Every place where a Chromium may be, best first."""
    given = os.environ.get("CHROMIUM")
    if given:
        yield given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            yield found
    yield from (place for place in PLACES if os.access(place, os.X_OK))
    caches = (os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), *PLAYWRIGHT_CACHES)
    for cache in (Path(cache).expanduser() for cache in caches if cache):
        for pattern in PLAYWRIGHT_PROGRAMS:
            yield from (str(path) for path in sorted(cache.glob(pattern), reverse=True))


def find_chromium() -> str | None:
    """The first Chromium on this machine that works; None when there is none."""
    return next((program for program in dict.fromkeys(candidates()) if works(program)), None)


def get_chromium() -> str | None:
    """Find a Chromium, or install one; None when neither is possible."""
    found = find_chromium()
    if found:
        return found
    _say("No Chromium on this machine; asking Playwright for one (at most 60 s) ...")
    _run(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
        seconds=PLAYWRIGHT_SECONDS,
    )
    found = find_chromium()
    if found or not _may_use_apt():
        return found
    _say("Asking apt-get for one ...")
    _run(["apt-get", "update", "-q"], seconds=APT_SECONDS)  # without it, older lists may still do
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends"]
    for package in ("chromium-headless-shell", "chromium", "chromium-browser"):
        if _run([*install, package], seconds=APT_SECONDS):
            break
    return find_chromium()


def _may_use_apt() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _run(command: Sequence[str], *, seconds: float, quiet: bool = False) -> bool:
    """Run a command within a time limit, its helpers included; its words go to stderr, stdout is ours."""
    try:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else sys.stderr,
            stderr=subprocess.DEVNULL if quiet else sys.stderr,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return child.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        if not quiet:
            _say(f"{command[0]} took longer than {seconds:.0f} s and was stopped.")
        return False
    finally:
        _end_group(child)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Print the path of a Chromium that works; 1 when there is none and CI=true."""
    program = get_chromium()
    if program:
        sys.stdout.write(f"{program}\n")
        return 0
    strict = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    _say("=" * 78)
    _say("NO CHROMIUM: none was found and none could be installed.")
    _say("CI=true: this is a failure." if strict else "THE BROWSER JOURNEYS ARE SKIPPED.")
    _say("Set CHROMIUM to the path of one, or install the package chromium.")
    _say("=" * 78)
    return 1 if strict else 0


if __name__ == "__main__":
    sys.exit(main())
