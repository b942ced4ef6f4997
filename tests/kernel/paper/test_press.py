"""The drawing process: started once, replaced when it dies, poor in rights, gone with its parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kernel.paper import press as press_module
from kernel.paper.child import LARGE, MOST_BYTES, PAGE_SECONDS
from kernel.paper.errors import PaperBusy
from kernel.paper.press import NotDrawn, Press
from o2o.embedded.paths import PROJECT_ROOT
from tests.pdf import read_pdf

FONT = '#set text(font: "Noto Sans CJK SC", fallback: false)\n'
SHOW = f'{FONT}#json("data.json").text'
FOREVER = "#for a in range(100000) { for b in range(100000) { let c = a * b } }"


def request(
    source: str = SHOW, text: str = "", kind: str = "pdf", drawings: dict[str, str] | None = None
) -> bytes:
    body = {"source": source, "style": "", "format": kind, "pixels_per_inch": 144}
    body |= {"data": {"text": text}, "look": {}, "drawings": drawings or {}}
    return json.dumps(body).encode()


@pytest.fixture
def press() -> Iterator[Press]:
    made = Press(wait_seconds=0.2, draw_seconds=120)
    yield made
    made.stop()


def gone(pid: int, seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.02)
    return False


def test_one_process_draws_sheet_after_sheet(press: Press) -> None:
    assert press.pid is None, "started by the first who wants paper"
    assert "first" in read_pdf(press.draw(request(text="first"))).text
    first = press.pid
    assert first and "second" in read_pdf(press.draw(request(text="second"))).text
    assert press.pid == first


def test_a_large_parent_does_not_cost_a_process_for_each_sheet() -> None:
    """The most that a process ever held is handed on to what it starts, by way of fork and exec."""
    program = f"""ballast = b"x" * {MOST_BYTES + 32 * 1024 * 1024}
{BEGIN}
first = press.pid
press.draw(body)
print(json.dumps([first, press.pid]))
"""
    first, second = outcome(program)
    assert first and first == second


def test_a_process_that_grew_too_large_makes_way(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    code = press_module.CHILD.read_text("utf-8")
    child.write_text(code.replace("MOST_BYTES = 384 * 1024 * 1024", "MOST_BYTES = 2**40"))
    assert child.read_text() != code
    monkeypatch.setattr(press_module, "CHILD", child)
    press.draw(request())
    assert press.pid, "room enough"
    press.stop()
    child.write_text(code.replace("memory() > MOST_BYTES", "memory() > MOST_BYTES // 100"))
    assert press.draw(request()).startswith(b"%PDF-")
    assert press.pid is None, "the file was its last one"


def test_a_picture_is_drawn_too(press: Press) -> None:
    source = f"#set page(width: 90pt, height: auto)\n{SHOW}"
    assert press.draw(request(source, "x", "png")).startswith(b"\x89PNG")
    with pytest.raises(NotDrawn, match="more than one page"):
        press.draw(request("a #pagebreak() b", kind="png"))


def test_a_process_that_was_killed_is_replaced_unnoticed(press: Press) -> None:
    press.draw(request(text="first"))
    first = press.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert "second" in read_pdf(press.draw(request(text="second"))).text
    assert press.pid and press.pid != first


def test_a_sheet_whose_process_dies_on_the_way_is_drawn_by_another(press: Press) -> None:
    press.draw(request())
    first = press.pid
    assert first
    os.kill(first, signal.SIGSTOP)  # it takes the request and never reads it
    threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()
    assert "again" in read_pdf(press.draw(request(text="again"))).text


def test_what_eats_all_memory_dies_twice_and_is_given_up(press: Press) -> None:
    hungry = "#{ let rows = (1,) * 1000; for turn in range(40) { rows = rows + rows } }"
    with pytest.raises(NotDrawn, match="died twice"):
        press.draw(request(hungry))
    assert "next" in read_pdf(press.draw(request(text="next"))).text


def test_what_never_ends_is_ended() -> None:
    press = Press(wait_seconds=0.2, draw_seconds=1.5)
    began = time.monotonic()
    with pytest.raises(NotDrawn, match="too long"):
        press.draw(request(FOREVER))
    assert time.monotonic() - began < PAGE_SECONDS, "by the parent, before its own clock ends it"
    assert press.pid is None
    press.stop()


def test_who_waits_too_long_is_told_to_come_back(press: Press) -> None:
    press.draw(request())
    pid = press.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    slow = threading.Thread(target=press.draw, args=(request(),), daemon=True)
    slow.start()
    while not press._turn.locked():
        time.sleep(0.01)
    began = time.monotonic()
    with pytest.raises(PaperBusy) as refused:
        press.draw(request())
    assert time.monotonic() - began < press._draw_seconds, "told before the other one is given up"
    assert refused.value.status == 503
    os.kill(pid, signal.SIGCONT)
    slow.join()


def test_threads_take_turns() -> None:
    press = Press()
    files: list[tuple[str, bytes]] = []

    def draw(name: str) -> None:
        files.append((name, press.draw(request(text=name))))

    threads = [threading.Thread(target=draw, args=(f"sheet{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    press.stop()
    assert len(files) == 8
    assert all(name == read_pdf(content).text.strip() for name, content in files)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('#read("/etc/hostname")', "file not found|failed to load|Too many"),
        ('#read("child.py")', "failed to load|not found|Too many|access"),
        ('#read("/press.py")', "failed to load|not found|Too many|access"),
        ('#import "@preview/cetz:0.3.4": *', "failed to download|not found"),
        ("#panic(sys.inputs.keys())", r"panicked with: \(\)"),
    ],
)
def test_a_template_reads_nothing_but_what_it_is_given(press: Press, source: str, why: str) -> None:
    with pytest.raises(NotDrawn, match=why):
        press.draw(request(source))


def test_nothing_is_left_of_the_sheet_before(press: Press) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    drawings = {"small": svg, "large": svg + " " * LARGE}
    show = 'image("small"); image(bytes(sys.inputs.large))'
    nothing = request("#panic(sys.inputs.keys())")
    for _time in range(2):
        press.draw(request(f"#{{ {show} }}", drawings=drawings))
    with pytest.raises(NotDrawn, match=r"panicked with: \(\)"):
        press.draw(nothing)
    with pytest.raises(NotDrawn, match=r"failed to load|not found|Too many|access"):
        press.draw(request(f"#{{ {show} }}"))
    with pytest.raises(NotDrawn, match="panicked"):
        press.draw(request("#panic()", drawings=drawings))
    with pytest.raises(NotDrawn, match=r"panicked with: \(\)"):
        press.draw(nothing)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_has_no_secret_and_no_descriptor_to_open_anything_with(press: Press) -> None:
    press.draw(request())
    process = f"/proc/{press.pid}"
    environment = Path(f"{process}/environ").read_bytes()
    assert b"SECRET" not in environment and b"DATABASE" not in environment
    limits = Path(f"{process}/limits").read_text()
    (files,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert files.split()[3:5] == ["3", "3"]
    assert sorted(os.listdir(f"{process}/fd"))[:3] == ["0", "1", "2"]


def outcome(program: str) -> Any:
    """What a process of its own prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


BEGIN = f"""
import json, os, signal
os.environ.update(O2O_MODE="test", DJANGO_SETTINGS_MODULE="o2o.settings")
import django
django.setup()
from kernel.paper.press import Press
body = {request()!r}
press = Press()
press.draw(body)
"""


def test_it_ends_with_its_parent_however_that_ends() -> None:
    pid = outcome(f"{BEGIN}print(press.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    assert gone(pid)


def test_what_it_draws_with_is_not_loaded_by_who_asks() -> None:
    names = ("typst", "fontTools", "noto_cjk", "kernel.paper.child")
    program = f"{BEGIN}import sys; print(json.dumps([n for n in {names} if n in sys.modules]))"
    assert outcome(program) == []


def test_a_forked_process_has_a_press_of_its_own() -> None:
    program = f"""{BEGIN}
before = press.pid
reading, writing = os.pipe()
if not os.fork():
    press.draw(body)
    os.write(writing, str(press.pid).encode())
    os._exit(0)
os.wait()
press.draw(body)
print(json.dumps([before, int(os.read(reading, 20)), press.pid]))
"""
    before, forked, after = outcome(program)
    assert before == after != forked
    assert gone(before) and gone(forked)
