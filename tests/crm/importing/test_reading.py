"""Files as they come: any encoding and separator, broken rows told by their line, bombs refused, headers of other programs known."""

from __future__ import annotations

import codecs
import csv
import json
import tempfile
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from string import ascii_uppercase
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from crm.importers.clients import PHONES, plain_number
from crm.importing.encodings import detect_encoding
from crm.importing.errors import BadValue, UnreadableFile
from crm.importing.headers import COMPANY, CONTACT, DEAL, STAGES, has_header, plain, recognise
from crm.importing.reader import Prepared, prepare, read_rows
from crm.importing.tables import detect_format, read_table
from crm.importing.values import (
    COMMA,
    DMY,
    ISO,
    MDY,
    POINT,
    SERIAL,
    UNCLEAR,
    currency_beside,
    date_style,
    number_style,
    read_currency,
    read_day,
    read_number,
    read_time,
    read_yes_no,
    split_values,
)
from crm.importing.vcards import HEADER
from tests.samples import SHARED

EXPORTS = SHARED / "exports"
MOSCOW = ZoneInfo("Europe/Moscow")
needs_samples = pytest.mark.skipif(
    not EXPORTS.is_dir(), reason="the sample exports are not at hand (set VORONKA_SHARED to the folder that holds exports/)"
)
TEXT = 'Имя;Почта;Заметка\nАнна;anna@пример.рф;"Первая; строка\nи ""вторая"""\nОлег Ёлкин;oleg@b.example;ёж\n'


def made(folder: Path, data: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(
    folder: Path, data: bytes | str, name: str = "file.csv", header: bool | None = None
) -> tuple[Prepared, list[tuple[int, list[str], str]]]:
    prepared = prepare(made(folder, data, name), name, folder / "rows", header=header)
    return prepared, [(row.line, row.cells, row.problem) for row, _place in read_rows(folder / "rows")]


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("cp1251", b"", "cp1251"),
        ("koi8-r", b"", "koi8-r"),
        ("cp866", b"", "cp866"),
    ],
)
def test_one_text_in_any_encoding_is_the_same(tmp_path: Path, encoding: str, mark: bytes, found: str) -> None:
    prepared, rows = read(tmp_path, mark + TEXT.encode(encoding))
    assert (prepared.format.encoding, prepared.format.separator, prepared.has_header) == (found, ";", True)
    assert [column.name for column in prepared.columns] == ["Имя", "Почта", "Заметка"]
    assert rows == [
        (2, ["Анна", "anna@пример.рф", 'Первая; строка\nи "вторая"'], ""),
        (4, ["Олег Ёлкин", "oleg@b.example", "ёж"], ""),
    ]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("Nombre;Etapa\nJosé;Negociación\nMuñoz;Gestión directa\n", "latin-1", "iso-8859-1"),
        ("Name;Preis\nMüller;5 €\nGroß – Söhne;“7”\n", "cp1252", "cp1252"),
        ("Nazwa;Miasto\nŁukasz;Łódź\nMałgorzata;Gdańsk\nŻaneta;Poznań\n", "cp1250", "cp1250"),
    ],
)
def test_letters_of_other_languages(text: str, encoding: str, found: str) -> None:
    assert detect_encoding(text.encode(encoding)) == found


def test_a_file_glued_together_from_two_encodings(tmp_path: Path) -> None:
    lines = [f"Клиент {n};a{n}@b.example\n".encode("cp1251" if n == 7 else "utf-8") for n in range(20)]
    _prepared, rows = read(tmp_path, "Имя;Email\n".encode() + b"".join(lines))
    assert [cells[0] for _line, cells, _problem in rows] == [f"Клиент {n}" for n in range(20)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(tmp_path: Path, separator: str) -> None:
    lines = ["Name|Amount|City".replace("|", separator), *(f'"A{separator} b {n}"{separator}1{separator}Tver' for n in range(5))]
    prepared, rows = read(tmp_path, "\r\n".join(lines))
    assert prepared.format.separator == separator
    assert rows[0] == (2, [f"A{separator} b 0", "1", "Tver"], "")


def test_a_semicolon_file_full_of_commas(tmp_path: Path) -> None:
    prepared, rows = read(tmp_path, "sep=;\nName;Price\nAcme, Inc., Ltd.;1,5\nVektor;2,5\n")
    assert (prepared.format.separator, rows) == (";", [(3, ["Acme, Inc., Ltd.", "1,5"], ""), (4, ["Vektor", "2,5"], "")])


def test_broken_rows_are_told_by_their_line_and_the_others_are_read(tmp_path: Path) -> None:
    _prepared, rows = read(
        tmp_path, 'Name,City\nA,1\nB\nC,3,,\nD,4,more\n"never closed,5\nF,6\n\n"G ""x""",7\n=cmd|\' /C calc\'!A0,-1\n5" pipe,8\n'
    )
    problems = {line: problem for line, _cells, problem in rows if problem}
    assert problems == {5: "The row has 3 cells, but there are 2 columns.", 6: "A quotation mark is opened here and never closed."}
    assert [cells for _line, cells, problem in rows if not problem] == [
        ["A", "1"],
        ["B"],
        ["C", "3"],
        ["F", "6"],
        ['G "x"', "7"],
        ["=cmd|' /C calc'!A0", "-1"],
        ['5" pipe', "8"],
    ]


def test_a_quote_that_swallows_the_file_costs_one_row(tmp_path: Path) -> None:
    lines = "".join(f"Client {n},{n}\n" for n in range(5_000))
    _prepared, rows = read(tmp_path, f'Name,Number\n"open,0\n{lines}')
    assert [line for line, _cells, problem in rows if problem] == [2] and len(rows) == 5_001


def test_a_file_without_names_of_columns(tmp_path: Path) -> None:
    prepared, rows = read(tmp_path, "Anna,anna@b.example,+7 916 000-00-00\nOleg,oleg@b.example,+7 916 000-00-01\n")
    assert (prepared.has_header, prepared.rows, rows[0][0]) == (False, 2, 1)
    assert [column.name for column in prepared.columns] == ["Column 1", "Column 2", "Column 3"]
    assert read(tmp_path, "Анна;Москва\nОлег;Тверь\n", header=False)[0].rows == 2
    assert not has_header(["5", "7"], ["6", "8"]) and has_header(["Foo", "Bar"], ["6", "8"])


def test_300_columns(tmp_path: Path) -> None:
    head = ",".join(["Name", *(f"Field {n}" for n in range(299))])
    prepared, rows = read(tmp_path, f"{head}\n{','.join(map(str, range(300)))}\n")
    assert (len(prepared.columns), rows[0][1][299]) == (300, "299")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"\xef\xbb\xbf\n\n", "a.csv"),
        (b"%PDF-1.7 nothing", "a.csv"),
        (b"<html><table>", "a.xls"),
        (b"PK\x03\x04broken", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0broken", "a.xls"),
        (b"\x89PNG\r\n", "a.csv"),
        (b"Name,City\n", "a.csv"),
        (b"\x1f\x8b\x08\x00", "a.csv.gz"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, data: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path, data, name)
    assert len(str(refused.value)) > 15


def sheet(folder: Path, rows: list[list[object]], hidden: bool = False) -> Path:
    path = folder / "book.xlsx"
    with xlsxwriter.Workbook(path, {"remove_timezone": True}) as book:
        if hidden:
            book.add_worksheet("Secret").hide()
        page = book.add_worksheet("Data")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    page.write_datetime(number, place, cell, day)
                else:
                    page.write(number, place, cell)
    return path


def test_a_worksheet_reads_like_a_table(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        [["Name", "Id", "Amount", "Since", "Ok"], ["Анна", 70_000_000_001, 12.5, datetime(2026, 3, 31), True], [], ["Олег", 2, "", "", ""]],
    )
    prepared = prepare(path, "book.xlsx", tmp_path / "rows")
    assert (prepared.format.kind, prepared.columns[3].date_style) == ("sheet", ISO)
    assert [(row.line, row.cells) for row, _place in read_rows(tmp_path / "rows")] == [
        (2, ["Анна", "70000000001", "12.5", "2026-03-31", "true"]),
        (4, ["Олег", "2", "", "", ""]),
    ]


def test_the_first_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    path = sheet(tmp_path, [["Name"], ["Anna"]], hidden=True)
    assert [row.cells for row in read_table(path, detect_format(path, "book.xlsx"))] == [["Name"], ["Anna"]]


def zipped(folder: Path, name: str, fill: bytes, times: int) -> Path:
    path = sheet(folder, [["Name"], ["Anna"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open(name, "w", force_zip64=True) as part:
        for _time in range(times):
            part.write(fill)
    return path


def test_a_zip_bomb_is_refused_without_being_opened(tmp_path: Path) -> None:
    path = zipped(tmp_path, "xl/bomb.xml", b"\0" * 1024**2, 40)
    assert path.stat().st_size < 1024**2
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        prepare(path, "book.xlsx", tmp_path / "rows")
    assert tracemalloc.get_traced_memory()[1] < 20 * 1024**2 and time.monotonic() - began < 2
    tracemalloc.stop()


@pytest.mark.parametrize("corner", ["XFD1048576", "A1048576", "ALM9000"])
def test_a_cell_far_outside_of_the_table_ends_only_the_process_that_reads_it(tmp_path: Path, corner: str) -> None:
    path = sheet(tmp_path, [["Name"], ["Anna"]])
    with zipfile.ZipFile(path) as packed:
        parts = {entry.filename: packed.read(entry) for entry in packed.infolist()}
    far = f'<row r="{corner.lstrip(ascii_uppercase)}"><c r="{corner}"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    if corner == "XFD1048576":
        with pytest.raises(UnreadableFile, match="far outside of the table"):
            prepare(path, "book.xlsx", tmp_path / "rows")
    else:
        prepare(path, "book.xlsx", tmp_path / "rows")
        rows = [row for row, _place in read_rows(tmp_path / "rows")]
        assert [(row.line, row.cells[0]) for row in rows] == [
            (2, "Anna"),
            (int(corner.lstrip(ascii_uppercase)), "1" if corner[0:2] == "A1" else ""),
        ]


def test_a_directory_that_lies_is_found_out(tmp_path: Path) -> None:
    path = sheet(tmp_path, [["Name"], *([f"Client {n}"] for n in range(2_000))])
    with zipfile.ZipFile(path) as packed:
        entry = max(packed.infolist(), key=lambda entry: entry.file_size)
    real, said = entry.file_size.to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(real, said))
    with pytest.raises(UnreadableFile):
        prepare(path, "book.xlsx", tmp_path / "rows")


def test_a_large_file_is_read_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("Name,Email,Note\n")
        for number in range(15_000):
            file.write(f"Client {number},c{number}@b.example,{'x' * 300}\n")
    tracemalloc.start()
    prepared = prepare(path, "large.csv", tmp_path / "rows")
    assert (prepared.rows, tracemalloc.get_traced_memory()[1] < 8 * 1024**2) == (15_000, True)
    tracemalloc.stop()
    # Any place is a beginning.
    place = [place for _row, place in zip(range(100), (place for _row, place in read_rows(tmp_path / "rows")), strict=False)][99]
    assert next(read_rows(tmp_path / "rows", place[1] if isinstance(place, tuple) else place))[0].cells[0] == "Client 100"


@given(
    st.lists(
        st.lists(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r"), max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_written_is_read_again(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "file.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([["Name", "E-mail", "City"], *rows])
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        found = [row.cells for row in read_table(folder / "file.csv", detect_format(folder / "file.csv", "file.csv"))][1:]
        assert found == filled


# --- What cells mean.


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["2026-01-31", "2026-02-01 10:00"], ISO),
        (["31.01.2026", "01.02.2026 10:00:00"], DMY),
        (["01.02.2026"], DMY),
        (["01/02/2026", "01/31/2026"], MDY),
        (["01/02/2026", "31/01/2026"], DMY),
        (["01/02/2026", "03/04/2026"], UNCLEAR),
        (["13/02/2026", "02/13/2026"], UNCLEAR),
        (["45321", "45322.5"], SERIAL),
        (["Jan 31, 2026", "1 февраля 2026"], ISO),
        (["Anna", "Oleg"], ""),
        (["", ""], ""),
    ],
)
def test_how_a_column_writes_days(cells: list[str], style: str) -> None:
    assert date_style(cells) == style


@pytest.mark.parametrize(
    ("text", "style", "at"),
    [
        ("2026-01-31T10:20:30Z", ISO, datetime(2026, 1, 31, 10, 20, 30, tzinfo=UTC)),
        ("2026-01-31 10:20:30+03:00", ISO, datetime(2026, 1, 31, 7, 20, 30, tzinfo=UTC)),
        ("2026-01-31", ISO, datetime(2026, 1, 30, 21, tzinfo=UTC)),
        ("31.01.2026 10:20", DMY, datetime(2026, 1, 31, 7, 20, tzinfo=UTC)),
        ("01/02/2026", MDY, datetime(2026, 1, 1, 21, tzinfo=UTC)),
        ("01/02/2026", DMY, datetime(2026, 1, 31, 21, tzinfo=UTC)),
        ("1/2/26 1:05 PM", MDY, datetime(2026, 1, 2, 10, 5, tzinfo=UTC)),
        ("45322.5", SERIAL, datetime(2024, 1, 31, 9, tzinfo=UTC)),
        ("31 января 2026", ISO, datetime(2026, 1, 30, 21, tzinfo=UTC)),
        ("Jan 31, 2026 10:00", ISO, datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ("не закрыта", DMY, None),
        ("", ISO, None),
    ],
)
def test_times(text: str, style: str, at: datetime | None) -> None:
    found = read_time(text, style, MOSCOW)
    assert (found[0] if found else None) == at


@pytest.mark.parametrize("text", ["31.02.2026", "0001-01-01", "31.12.9999 23:59 -03:00", "soon", "2026-13-01", "99999999", "10:00"])
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(BadValue, match="is not a date"):
        read_day(text, DMY, MOSCOW)


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("1 234,56", POINT, "1234.56"),
        ("1 234,56 ₽", POINT, "1234.56"),
        ("$1,234.56", POINT, "1234.56"),
        ("1.234,56 €", POINT, "1234.56"),
        ("1,234", POINT, "1234"),
        ("1,234", COMMA, "1.234"),
        ("1.234", COMMA, "1234"),
        ("(1,200)", POINT, "-1200"),
        ("1'234.50 CHF", POINT, "1234.50"),
        ("5873", POINT, "5873"),
        ("-5", POINT, "-5"),
        ("−5,5", POINT, "-5.5"),
        ("12 000 руб.", POINT, "12000"),
        ("", POINT, None),
        ("—", POINT, None),
    ],
)
def test_numbers(text: str, style: str, number: str | None) -> None:
    assert read_number(text, style) == (None if number is None else Decimal(number))


def test_what_is_no_number_is_said() -> None:
    for text in ("abc", "1e9999x", "NaN", "1-2", "∞"):
        with pytest.raises(BadValue):
            read_number(text)
    assert (number_style("1.234,5"), number_style("1,234"), currency_beside("1 234,56 ₽"), currency_beside("12 EUR")) == (
        COMMA,
        "",
        "RUB",
        "EUR",
    )


LONG = 16_000


@pytest.mark.parametrize(
    "cell",
    [
        "1" + "a" * LONG + "1",
        "a" + " " * LONG + "b",
        "2026-01-01 10:00" + " " * LONG + "x",
        "a (b" + " " * LONG + "c",
        "1" + ",." * LONG + "1",
        "9" * LONG,
    ],
)
def test_no_cell_takes_long(cell: str) -> None:
    began = time.process_time()
    assert date_style([cell]) == "" and number_style(cell) in ("", POINT, COMMA)
    assert split_values(cell) and currency_beside(cell) == "" and PHONES.split(cell) and plain_number(cell)
    with pytest.raises(BadValue):
        read_number(cell)
    assert time.process_time() - began < 0.5


def test_several_values_in_a_cell() -> None:
    assert split_values(" a@b.example ::: c@d.example ;; e |\n f, ") == ["a@b.example", "c@d.example", "e", "f"]
    assert [part.strip() for part in PHONES.split("1 ; 2, доб. 3, 4")] == ["1", "2, доб. 3", "4"]
    assert plain_number("'8 495 111-22-33,  доб. 12") == "8 495 111-22-33 ext. 12"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("CHARSET=windows-1251:=C8=E2=E0=ED", "Иван"),
        ("CHARSET=utf-7:+2AA-Ivan", "+2AA-Ivan"),
        ("CHARSET=ut\x01f\0:Ivan", "Ivan"),
        ("CHARSET=unicode_escape:Iv=5Cu0000an", "Iv\\u0000an"),
        ("CHARSET=utf-8:Iv=00an", "Ivan"),
        ("CHARSET=punycode:=FC=61-=5C", "ьa-\\"),
    ],
)
def test_a_card_in_whatever_charset_is_text(tmp_path: Path, name: str, found: str) -> None:
    _prepared, [(_line, cells, _problem)] = read(tmp_path, f"BEGIN:VCARD\nFN;QUOTED-PRINTABLE;{name}\nEND:VCARD\n", "a.vcf")
    assert cells[0] == found


def test_a_card_of_very_many_lines_is_read_at_once(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nFN:Anna\nNOTE;QUOTED-PRINTABLE:a=\n" + "aaaaaaaaaa=\n" * 40_000 + "b\n c\nTITLE:Boss\nEND:VCARD\n"
    began = time.process_time()
    _prepared, [(_line, cells, _problem)] = read(tmp_path, text, "a.vcf")
    assert (cells[HEADER.index("Notes")][:10], cells[HEADER.index("Organization Title")]) == ("a" * 10, "Boss")
    assert time.process_time() - began < 3


def test_currencies_and_yes_and_no() -> None:
    named = ["Российский рубль", "₽", "руб.", "usd", "US Dollar", "$", "Euro (EUR)", "Доллар США"]
    assert [read_currency(name) for name in named] == ["RUB", "RUB", "RUB", "USD", "USD", "USD", "EUR", "USD"]
    assert [read_yes_no(text) for text in ("да", "No", "1", "", "TRUE")] == [True, False, True, False, True]
    for text in ("perhaps", "Moon money"):
        with pytest.raises(BadValue):
            read_yes_no(text) if text == "perhaps" else read_currency(text)


# --- Other programs.


@needs_samples
@pytest.mark.parametrize(
    ("name", "system", "kind", "fields"),
    [
        (
            "amocrm_deals.csv",
            "amocrm",
            DEAL,
            {
                "external_id",
                "title",
                "amount",
                "owner",
                "created_at",
                "closed_at",
                "stage",
                "pipeline",
                "contact",
                "company",
                "phone",
                "email",
                "source",
                "tags",
                "note",
            },
        ),
        (
            "bitrix24_deals_cp1251.csv",
            "bitrix24",
            DEAL,
            {
                "external_id",
                "title",
                "amount",
                "currency",
                "stage",
                "is_closed",
                "product",
                "product_price",
                "product_quantity",
                "expected_close",
            },
        ),
        ("bitrix24_deals_utf8bom.csv", "bitrix24", DEAL, {"external_id", "title"}),
        (
            "pipedrive_deals.csv",
            "pipedrive",
            DEAL,
            {"status", "stage", "won_at", "lost_at", "lost_reason", "created_at", "expected_close", "email", "phone"},
        ),
        (
            "hubspot_deals.csv",
            "hubspot",
            DEAL,
            {"external_id", "title", "stage", "pipeline", "close_date", "company_id", "contact_id", "lost_reason"},
        ),
        (
            "hubspot_contacts.csv",
            "hubspot",
            CONTACT,
            {"external_id", "first_name", "last_name", "email", "phone", "owner", "opt_out", "created_at"},
        ),
        (
            "google_contacts.csv",
            "google",
            CONTACT,
            {"first_name", "email", "email_label", "phone", "city", "country", "company", "position", "tags"},
        ),
        ("outlook_contacts.csv", "outlook", CONTACT, {"first_name", "last_name", "email", "phone", "position", "company"}),
        (
            "salesforce_Opportunity.csv",
            "salesforce",
            DEAL,
            {"external_id", "title", "stage", "is_closed", "is_won", "owner", "company_id", "created_at", "close_date"},
        ),
        ("salesforce_OpportunityHistory.csv", "salesforce", STAGES, {"deal", "at", "stage", "from_stage"}),
    ],
)
def test_headers_of_other_programs(tmp_path: Path, name: str, system: str, kind: str, fields: set[str]) -> None:
    prepared = prepare(EXPORTS / name, name, tmp_path / "rows")
    found = recognise([column.name for column in prepared.columns])
    assert (found.system, found.kind) == (system, kind)
    assert fields - {column.field for column in found.columns} == set()


@needs_samples
def test_the_samples_are_read_as_they_say(tmp_path: Path) -> None:
    expected = json.loads((EXPORTS / "expected.json").read_text())
    for name, facts in expected.items():
        if "*" in name:
            continue
        prepared = prepare(EXPORTS / name, name, tmp_path / "rows")
        rows = facts.get("records") or facts.get("deals") or facts["contacts"]
        assert prepared.rows == rows, name
        assert prepared.format.separator == facts.get("delimiter", ","), name
        assert prepared.format.encoding == facts.get("encoding", prepared.format.encoding), name
        assert not any(row.problem for row, _place in read_rows(tmp_path / "rows")), name
    for name in ("salesforce_Opportunity.csv", "salesforce_OpportunityHistory.csv"):
        assert prepare(EXPORTS / name, name, tmp_path / "rows").format.encoding == expected["salesforce_*.csv"]["encoding"]


@needs_samples
def test_the_spectrum_of_csv(tmp_path: Path) -> None:
    for path in sorted((SHARED / "contacts/csv_spectrum").glob("csvs_*.csv")):
        head, *rows = [row.cells for row in read_table(path, detect_format(path, path.name))]
        answer = path.with_name(path.name.replace("csvs_", "json_")).with_suffix(".json").read_text()
        wanted = json.loads(answer.replace("\\r\\n", "\\n"))  # the samples' own line ends were made alike on their way here
        found = [dict(zip(head, cells, strict=True)) for cells in rows]
        if "location" in path.name:  # its answer gives another telephone number than the file itself
            found[0]["Contact Phone Number"], wanted = wanted["Contact Phone Number"], [wanted]
        assert found == wanted, path.name


@needs_samples
def test_address_cards(tmp_path: Path) -> None:
    cards = {}
    for path in sorted((SHARED / "contacts/vcard").glob("*.vcf")):
        prepared = prepare(path, path.name, tmp_path / "rows")
        names = [column.name for column in prepared.columns]
        assert recognise(names).system == "vcard"
        cards[path.stem] = [dict(zip(names, row.cells, strict=True)) for row, _place in read_rows(tmp_path / "rows")]
    [iphone] = cards["ezvcard_John_Doe_IPHONE"]
    assert (iphone["First Name"], iphone["Last Name"], iphone["E-mail 1 - Value"], iphone["Phone 2 - Label"]) == (
        "John",
        "Doe",
        "john.doe@ibm.com",
        "Home",
    )
    assert iphone["Address 2 - Street"] == "Street4\nBuilding 6\nFloor 8"
    assert [card["File As"] for card in cards["ezvcard_gmail-list"]] == ["Arnold Smith", "Chris Beatle", "Doug White"]
    assert cards["ezvcard_outlook-2003"][0]["Notes"].startswith("This is the note field!!\r\nSecond line")
    assert cards["ezvcard_John_Doe_ANDROID"][2]["File As"].startswith("Ñ Ñ")
    assert sum(map(len, cards.values())) == 28


def test_broken_cards_are_told_by_their_line(tmp_path: Path) -> None:
    cards = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9A=D1=83=D0=B7=D0=BD=D0=B5=\n=D1=86=D0=BE=D0=B2;=D0=98=D0=B2=D0=B0=D0=BD\n"
        "TEL;CELL;PREF:+7 916 000-00-00\nTEL;HOME:+7 495 000-00-00\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Never\n  ended\nBEGIN:VCARD\nFN:Last\nnonsense\nEMAIL;TYPE=home:a@b.example\nEMAIL;TYPE=work,pref:c@b.example\nEND:VCARD\n"
    )
    prepared, rows = read(tmp_path, cards, "cards.vcf")
    names = [column.name for column in prepared.columns]
    first, second, third = (dict(zip(names, cells, strict=True)) for _line, cells, _problem in rows)
    assert (first["File As"], first["Phone 1 - Value"], first["Phone 1 - Label"]) == ("Иван Кузнецов", "+7 916 000-00-00", "Mobile")
    assert [(line, problem) for line, _cells, problem in rows] == [(1, ""), (8, "The card that begins here has no end."), (12, "")]
    assert (second["File As"], third["File As"], third["E-mail 1 - Value"], third["E-mail 1 - Label"]) == (
        "Never ended",
        "Last",
        "c@b.example",
        "Work",
    )


def test_headers_by_their_words() -> None:
    assert plain(" Ё-mail: ") == "е mail"
    found = recognise(["Фамилия", "Имя", "Отчество", "Должность", "Мобильный телефон", "Рабочий e-mail", "Что-то"])
    assert (found.kind, [column.field for column in found.columns]) == (
        CONTACT,
        ["last_name", "first_name", "middle_name", "position", "phone", "", ""],
    )
    assert recognise(["Название компании", "Сайт", "Город"]).kind == COMPANY
    assert recognise(["Company", "Email", "First name"]).kind == CONTACT
    assert recognise(["Deal", "Amount", "Stage"]).kind == DEAL
