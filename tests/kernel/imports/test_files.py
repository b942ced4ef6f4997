"""Files as spreadsheets save them: read as they are meant, or refused with the reason."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from kernel.imports.decoding import BadFileError
from kernel.imports.files import RowFile
from kernel.imports.report import Refused, Report
from kernel.imports.sheets import plain_cell

COLUMNS = ("code", "name", "town")
TEXT = "code,name,town\n1,Café 面馆,西安\n2,Tea,成都\n"


def read(tmp_path: Path, content: str | bytes, **options: object) -> list[tuple[int, list[str]]]:
    """Line and cells of every row that could be taken."""
    rows = rows_of(tmp_path, content, **options)
    return [(line, [cells[name] for name in COLUMNS]) for line, cells, fault in rows if not fault]


def rows_of(tmp_path: Path, content: str | bytes, **options: object) -> list[tuple]:
    path = tmp_path / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(RowFile(path, columns=COLUMNS, **options))


def refusal(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        rows_of(tmp_path, content)
    return str(caught.value)


WHOLE = [(2, ["1", "Café 面馆", "西安"]), (3, ["2", "Tea", "成都"])]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "|").encode(),
        gzip.compress(TEXT.encode(), mtime=0),
        gzip.compress(TEXT.replace(",", ";").encode("utf-8-sig"), mtime=0),
        TEXT.replace("é", "e").encode("gb18030"),
        TEXT.replace("é", "e").replace(",", "\t").encode("gb18030"),
    ],
)
def test_a_file_as_a_spreadsheet_saves_it_is_read(tmp_path: Path, content: bytes) -> None:
    rows = read(tmp_path, content)
    assert [(line, [cell.replace("e 面", "é 面") for cell in row]) for line, row in rows] == WHOLE


@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_a_line_that_names_the_separator_is_heard_and_counted(tmp_path: Path, mark: str) -> None:
    rows = read(tmp_path, f"sep={mark}\n" + TEXT.replace(",", mark))
    assert rows == [(line + 1, cells) for line, cells in WHOLE]


@pytest.mark.parametrize(
    "content",
    [
        "code,name,town\n1,Crème brûlée,Évry\n".encode("cp1252"),
        "code,name,town\n1,кофе и чай,Тверь\n".encode("cp1251"),
        "code,name,town\n1,かき氷やさん,なら\n".encode("shift_jis"),
    ],
)
def test_letters_of_a_code_page_nobody_named_are_not_guessed(
    tmp_path: Path, content: bytes
) -> None:
    told = refusal(tmp_path, content)
    assert "UTF-8" in told and "Nothing was imported" in told


@pytest.mark.parametrize("cut", [12, 30, -1])
def test_a_gz_that_was_cut_off_gives_no_rows(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress((TEXT * 20).encode())
    assert "cut off" in refusal(tmp_path, whole[:cut])


def test_a_damaged_gz_gives_no_rows(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress((TEXT * 200).encode()))
    for place in range(20, 40):
        whole[place] ^= 0xFF
    assert "damaged" in refusal(tmp_path, bytes(whole))


def test_a_workbook_is_told_apart_from_a_damaged_file(tmp_path: Path) -> None:
    assert "workbook" in refusal(tmp_path, b"PK\x03\x04 and more")


def test_only_the_columns_that_lack_are_named_as_lacking(tmp_path: Path) -> None:
    told = refusal(tmp_path, "code;name;place\n1;2;3\n")
    assert "lacks these columns: town (it has: code, name, place)" in told


@pytest.mark.parametrize(
    "header", ["code,name,town,name", "code,name,town,Name", "code,name,town,ｎａｍｅ"]
)
def test_two_columns_of_one_name_are_not_one_column(tmp_path: Path, header: str) -> None:
    assert "twice: name" in refusal(tmp_path, f"{header}\n1,a,b,c\n")


def test_a_row_of_more_cells_than_columns_is_refused_and_alone(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "code,name,town\n1,Tea, black,Xi'an\n2,Tea,Xi'an,,\n3,Tea,Xi'an\n")
    assert [(row.line, bool(row.fault)) for row in rows] == [(2, True), (3, False), (4, False)]
    assert "4 cells for 3 columns" in rows[0].fault


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("1,\"Tea,Xi'an\n2,Tea,Xi'an\n3,Tea,Xi'an\n", 2),
        ("1,Tea,Xi'an\n2,\"Tea,Xi'an\n3,Tea,\"Xi'an, Weiyang\"\n", 3),
        ("1,Tea,Xi'an\n2,\"Tea,Xi'an\n3,Tea\",Xi'an\n4,Tea,Xi'an\n", 3),
        ("1,Tea,\"Xi'an\n2,Tea,Xi'an\n3,Tea,Xi'an\"\n", 2),
        ('1,"Tea" black,Xi\'an\n', 2),
    ],
)
def test_a_quotation_that_takes_in_rows_is_told_with_its_line(
    tmp_path: Path, body: str, line: int
) -> None:
    told = refusal(tmp_path, "code,name,town\n" + body)
    assert f"line {line} has a quotation mark" in told and "Nothing was imported" in told


def test_a_cell_of_several_lines_is_one_cell(tmp_path: Path) -> None:
    rows = read(tmp_path, "code,name,town\n1,\"Tea,\nblack\",Xi'an\n2,Tea,Xi'an\n")
    assert rows == [(2, ["1", "Tea, black", "Xi'an"]), (4, ["2", "Tea", "Xi'an"])]


def test_lines_without_text_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\ncode,name,town\n,,\n\n1,Tea,Xi'an\n ,\t,\n") == [
        (6, ["1", "Tea", "Xi'an"])
    ]


@pytest.mark.parametrize("lost", ["\x00", "\ufffd"])
def test_a_cell_with_a_letter_that_is_none_refuses_its_row_alone(tmp_path: Path, lost: str) -> None:
    rows = rows_of(tmp_path, f"code,name,town\n1,Te{lost}a,Xi'an\n2,Tea,Xi'an\n")
    assert ["name" in row.fault for row in rows] == [True, False]


def test_what_nobody_sees_is_left_out_of_cells_and_headers(tmp_path: Path) -> None:
    rows = read(tmp_path, "code,\u200bname,town\n1\u200b,\u202dTea\u202c,\u3000Xi'an\u2060\n")
    assert rows == [(2, ["1", "Tea", "Xi'an"])]


@pytest.mark.parametrize(
    "number", ["6.92173E+12", "1,23457e+11", "4E+15", "6.9E12", "88123.0", "88123,00"]
)
def test_a_number_that_a_spreadsheet_has_rounded_is_refused(tmp_path: Path, number: str) -> None:
    text = f"code,name,town\n\"{number}\",Tea,Xi'an\n12E5,Tea,Xi'an\n"
    rows = rows_of(tmp_path, text, numbers=("code",))
    assert ["rounded" in row.fault for row in rows] == [True, False]


def test_long_numbers_that_end_alike_in_zeros_are_refused_together(tmp_path: Path) -> None:
    long, other, short = "6921730000123450000", "6921730000123460000", "692173000000000"
    text = "code,name,town\n" + "".join(f"{n},T,X\n" for n in (long, other, long, short, short))
    rows = rows_of(tmp_path, text, numbers=("code",), unique="code")
    assert [bool(row.fault) for row in rows] == [True, False, True, False, False]
    assert "fifteen digits" in rows[0].fault


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u3000@"])
def test_a_spreadsheet_works_out_no_cell_of_ours(begin: str) -> None:
    assert plain_cell(f"{begin}HYPERLINK(1)").startswith("'")


def test_plain_cells_stay_as_they_are() -> None:
    assert [plain_cell(value) for value in (-5, "a=b", "", "7-1")] == [-5, "a=b", "", "7-1"]


def test_the_sheet_of_refused_rows_can_be_opened_by_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with Report(path) as report:
        report.refuse([Refused(2, "=1+1", "不行")])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["line", "key", "reason"], ["2", "'=1+1", "不行"]]


@pytest.mark.parametrize(
    ("body", "said"),
    [("\n" * 600_000, "500000 lines"), ("1,Tea," + "x" * 51_000_000, "50 MB unpacked")],
)
def test_a_small_gz_that_unpacks_to_far_more_is_refused_at_once(
    tmp_path: Path, body: str, said: str
) -> None:
    assert said in refusal(tmp_path, gzip.compress((TEXT + body).encode()))
