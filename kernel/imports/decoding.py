"""What a spreadsheet has made of a table: how the file is packed, written and separated.

Excel saves "CSV" in the code page of its country and with the list separator of its country:
GB18030 in China, UTF-16 with tabs as "Unicode text", semicolons where the comma is the decimal
sign, and on request a first line ``sep=;``. All of these are read; a file whose letters could
be read in two ways is refused.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

from kernel.imports.cells import clean_cell

DELIMITERS = (",", ";", "\t", "|")
_CHUNK_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods, and how .xls begin."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FAMILIAR_SHARE = 0.8
_FIRST_COMMON, _LAST_COMMON = 0xA1, 0xD7
_SEPARATOR_LINE = "sep="


class BadFileError(Exception):
    """The file as a whole cannot be read; nothing was imported. The message is for people."""


class Writing(NamedTuple):
    """How the text of a file is to be read. ``skip`` lines stand before its header."""

    encoding: str
    delimiter: str
    skip: int = 0

    def __str__(self) -> str:
        names = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
        delimiter = {"\t": _("tab")}.get(self.delimiter, self.delimiter)
        return f"{names.get(self.encoding, 'UTF-16')}, “{delimiter}”"


def unpacked(raw: IO[bytes]) -> IO[bytes]:
    """``raw`` from its beginning, unzipped where it is gzip, whatever its name says.

    Raises BadFileError for a workbook.
    """
    raw.seek(0)
    head = raw.read(4)
    raw.seek(0)
    if head in _WORKBOOKS:
        raise BadFileError(
            _("it is a workbook. Save its sheet as “CSV UTF-8 (comma delimited)” and import that")
        )
    return gzip.GzipFile(fileobj=raw) if head.startswith(_GZIP) else raw  # type: ignore[return-value]


def find_encoding(raw: IO[bytes], *, most_bytes: int, most_lines: int) -> str:
    """Return the encoding of a file after reading all of it.

    Raises BadFileError for a damaged or cut-off .gz, for letters that nobody can be sure of, and
    for more than is taken unpacked, as soon as it is seen.
    """
    chunks = _limited(_chunks(unpacked(raw)), most_bytes, most_lines)
    head = next(chunks, b"")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            _read_through(chunks)
            return encoding
    if wide := _wide(head):
        _read_through(chunks)
        return wide
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if not _is_chinese(_chunks(unpacked(raw))):
            raise BadFileError(
                _(
                    "its text is neither UTF-8, UTF-16 nor GB18030. Save it as "
                    "“CSV UTF-8 (comma delimited)” and import that"
                )
            ) from None
        return "gb18030"
    return "utf-8-sig"


def find_delimiter(raw: IO[bytes], encoding: str, columns: tuple[str, ...]) -> Writing:
    """Return how the file is written: its ``sep=`` line, or what divides most of the columns."""
    with _text(raw, encoding) as text:
        first = text.readline(_CHUNK_BYTES)
        named = first.strip().strip('"')
        if named.lower().startswith(_SEPARATOR_LINE):
            separator = named[len(_SEPARATOR_LINE) :] or "\t"
            if separator not in DELIMITERS:
                raise BadFileError(
                    _("its first line names “%(sep)s” as separator; use a comma")
                    % {"sep": separator}
                )
            return Writing(encoding, separator, skip=1)

    def named_by(delimiter: str) -> int:
        names = next(csv.reader([first], delimiter=delimiter), [])
        return len(set(columns) & {clean_cell(name) for name in names})

    return Writing(encoding, max(DELIMITERS, key=named_by))


def open_text(raw: IO[bytes], writing: Writing) -> io.TextIOWrapper:
    """The text of the file from its header on."""
    text = _text(raw, writing.encoding)
    for _line in range(writing.skip):
        text.readline()
    return text


def why(error: Exception) -> str:
    """A fault of reading, as half a sentence for people."""
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return _("the .gz is damaged or was cut off. Fetch the file again")
    if isinstance(error, UnicodeDecodeError):
        return _("it contains bytes that are not valid %(encoding)s") % {"encoding": error.encoding}
    return str(getattr(error, "strerror", None) or error)


def _text(raw: IO[bytes], encoding: str) -> io.TextIOWrapper:
    # Not closed with the wrapper: the same open file is read three times.
    plain: Any = io.BufferedReader(_Kept(unpacked(raw)))
    return io.TextIOWrapper(plain, encoding=encoding, newline="")


class _Kept(io.RawIOBase):
    """A reader of a file that stays open when the reader is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _chunks(plain: IO[bytes]) -> Iterator[bytes]:
    while chunk := plain.read(_CHUNK_BYTES):
        yield chunk


def _limited(chunks: Iterator[bytes], most_bytes: int, most_lines: int) -> Iterator[bytes]:
    """The chunks, up to a limit: a small .gz may hold gigabytes, or nothing but ends of lines."""
    size = lines = 0
    for chunk in chunks:
        size += len(chunk)
        lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
        if size > most_bytes:
            raise BadFileError(
                _("it is larger than %(size)s MB unpacked. Send it in parts")
                % {"size": most_bytes // 1_000_000}
            )
        if lines > most_lines:
            raise BadFileError(
                _("it has more than %(count)s lines, empty ones too. Send it in parts")
                % {"count": most_lines}
            )
        yield chunk


def _read_through(chunks: Iterator[bytes]) -> None:
    """Read to the end: a .gz shows there whether it is whole."""
    for _chunk in chunks:
        pass


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of plain letters is zero. "" for anything else."""
    sample = head[:4096]
    half = len(sample) // 2
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half and sample[start::2].count(0) > half * 0.4 and not sample[1 - start :: 2].count(0):
            return encoding
    return ""


def _is_chinese(chunks: Iterator[bytes]) -> bool:
    """Whether the bytes are GB18030 and say something.

    Letters of other code pages are valid GB18030 too, but of its rarer rows: what is written in
    Chinese is nearly all of rows 0xA1 to 0xD7, signs and the common characters.
    """
    decoder = codecs.getincrementaldecoder("gb18030")()
    seen: Counter[str] = Counter()
    try:
        for chunk in chunks:
            seen.update(decoder.decode(chunk))
        seen.update(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return False
    foreign = {char: count for char, count in seen.items() if not char.isascii()}
    familiar = sum(count for char, count in foreign.items() if _is_common(char))
    return familiar >= _FAMILIAR_SHARE * sum(foreign.values())


def _is_common(char: str) -> bool:
    code = char.encode("gb18030")
    return len(code) == 2 and _FIRST_COMMON <= code[0] <= _LAST_COMMON and code[1] >= _FIRST_COMMON
