"""Workbooks as they come."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from leads.ingestion.sources.opening import open_table
from leads.ingestion.sources.table import Wish
from leads.ingestion.sources.texts import Texts
from leads.spreadsheets.xlsx_text import escaped, unescaped
from leadscoring.errors import DomainError

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def book(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook of these sheets."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def replaced(path: Path, change: Callable[[str, bytes], bytes], extra: Mapping[str, bytes] = {}) -> Path:
    """The workbook with its parts changed, and others added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **extra}.items():
            archive.writestr(name, change(name, content))
    return path


def with_sheet(path: Path, xml: str) -> Path:
    book(path, {"One": [["id"]]})
    return replaced(path, lambda name, content: xml.encode() if name == SHEET else content)


def cells(path: Path, **wish: object) -> list[tuple[str, ...]]:
    table = open_table(path, wish=Wish(**wish))  # type: ignore[arg-type]
    return [table.header.names, *(line.cells for line in table.lines())]


def refusal(path: Path) -> str:
    with pytest.raises(DomainError) as refused:
        list(open_table(path).lines())
    return refused.value.sentence


def test_cells_are_read_as_they_are_shown(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.append(["id", "number", "share", "day", "moment", "yes", "long", "zip", "text"])
    moment = datetime(2024, 3, 15, 14, 30)
    long = "1234567890123456789012345678"
    sheet.append([1, 2.5, 0.1 + 0.2, date(2024, 3, 15), moment, True, long, 1234, "=1+1 is\ntwo"])
    sheet["H2"].number_format = "00000"
    sheet["I2"].data_type = "s"
    made.save(tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx")[1] == (
        *("1", "2.5", "0.3", "2024-03-15", "2024-03-15 14:30:00", "TRUE"),
        *(long, "01234", "=1+1 is\ntwo"),
    )


def test_a_whole_number_that_was_stored_as_a_fraction_has_no_point(tmp_path: Path) -> None:
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
    rest = '<row r="2"><c r="A2"><v>1.0</v></c></row><row r="3"><c r="A3"><v>3.98E+10</v></c></row>'
    xml = HEAD + first + rest + TAIL
    assert cells(with_sheet(tmp_path / "a.xlsx", xml)) == [("id",), ("1",), ("39800000000",)]


def test_the_stored_result_of_a_formula_counts_and_one_without_is_refused(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>id</v></c></row><row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    assert cells(with_sheet(tmp_path / "a.xlsx", HEAD + rows + TAIL)) == [("id",), ("2",)]
    without = rows.replace("<v>2</v>", "<v></v>")
    sentence = refusal(with_sheet(tmp_path / "b.xlsx", HEAD + without + TAIL))
    assert "the formula in cell A2 isn't stored: open the workbook in a spreadsheet and save it" in sentence


def test_workbooks_of_other_makers_are_read_as_well(tmp_path: Path) -> None:
    """Names with a prefix, the strict namespace, shared texts in runs and with their pronunciation, days
    counted from 1904, dates written as such, rows and cells without places, parts in other letters."""
    texts = (
        "<x:si><x:r><x:t>i</x:t></x:r><x:r><x:t>d</x:t></x:r><x:rPh><x:t>ai</x:t></x:rPh></x:si>"
        "<x:si><x:t>_x005F_x0041_</x:t></x:si>"
    )
    rows = (
        '<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="inlineStr"><x:is><x:t>day</x:t></x:is></x:c></x:row>'
        '<x:row><x:c t="s"><x:v>1</x:v></x:c><x:c s="1"><x:v>0.5</x:v></x:c></x:row>'
        '<x:row><x:c><x:v>7</x:v></x:c><x:c s="1" t="d"><x:v>2024-03-15T10:00:00</x:v></x:c></x:row>'
        '<x:row><x:c t="e"><x:v>#N/A</x:v></x:c><x:c s="1" t="d"><x:v>10:30:00</x:v></x:c></x:row>'
    )
    open_, space = "http://purl.oclc.org/ooxml/spreadsheetml/main", "xmlns:x"
    new = {
        SHEET: f'<x:worksheet {space}="{open_}"><x:sheetData>{rows}</x:sheetData></x:worksheet>',
        "xl/styles.xml": f'<x:styleSheet {space}="{open_}">'
        '<x:numFmts><x:numFmt numFmtId="200" formatCode="hh:mm"/></x:numFmts>'
        "<x:cellStyleXfs><x:xf/></x:cellStyleXfs><x:cellXfs><x:xf/>"
        '<x:xf numFmtId="200"/></x:cellXfs></x:styleSheet>',
    }

    def change(name: str, content: bytes) -> bytes:
        old = b"<workbookPr />"
        return new[name].encode() if name in new else content.replace(old, b'<workbookPr date1904="1"/>')

    file = book(tmp_path / "a.xlsx", {"One": [["id"]]})
    shared = f'<x:sst {space}="{open_}">{texts}</x:sst>'.encode()
    assert cells(replaced(file, change, {"xl/SharedStrings.xml": shared})) == [
        ("id", "day"),
        ("_x0041_", "12:00:00"),
        ("7", "2024-03-15 10:00:00"),
        ("#N/A", "10:30:00"),
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('<row r="2"><c t="str"><v>1</v></c></row>' * 2, "row 2 comes after row 2"),
        ('<row><c r="ÄB2" t="str"><v>1</v></c></row>', "no column “ÄB”"),
        ('<row><c t="s"><v>9</v></c></row>', "is damaged"),
        ('<row><c t="what"><v>9</v></c></row>', "is damaged"),
        ('<row><c r="CXX2"><v>1</v></c></row>', "has 2,676 columns, and 2,000 are the most"),
    ],
)
def test_a_sheet_that_is_not_as_it_must_be_is_refused(tmp_path: Path, rows: str, sentence: str) -> None:
    head = '<row r="1"><c t="str"><v>id</v></c></row>'
    assert sentence in refusal(with_sheet(tmp_path / "a.xlsx", HEAD + head + rows + TAIL))


def test_numbers_of_any_length_are_read(tmp_path: Path) -> None:
    numbers = ("1" * 28, "9" * 5_000, "1e999", "-0.0")
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in ("id", *numbers)).replace(
        "<c><v>id", '<c t="str"><v>id'
    )
    read = [row[0] for row in cells(with_sheet(tmp_path / "a.xlsx", HEAD + rows + TAIL))]
    assert read == ["id", "1" * 28, "#NUM!", "#NUM!", "-0"]


def test_the_first_sheet_with_rows_is_read_unless_another_is_named(tmp_path: Path) -> None:
    file = book(tmp_path / "a.xlsx", {"Empty": [], "Leads": [["id"], ["1"]], "More": [["id"], ["2"]]})
    table = open_table(file)
    assert (table.sheets, table.sheet) == (("Empty", "Leads", "More"), "Leads")
    assert cells(file, sheet="More")[1:] == [("2",)]
    with pytest.raises(DomainError, match=r"has no sheet “Moor”\. It has: Empty, Leads, More"):
        open_table(file, wish=Wish(sheet="Moor"))


def test_rows_keep_their_numbers_and_short_ones_are_fine(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Export of March"],
        [],
        ["id", None, "name"],
        ["1"],
        [None, None, None],
        ["2", "x", "Ann", "note"],
    ]
    table = open_table(book(tmp_path / "a.xlsx", {"One": rows}), wanted=["id", "name"])
    assert (table.header.number, table.header.skipped) == (3, (1,))
    assert [(line.number, line.cells, line.problem) for line in table.lines()] == [
        (4, ("1",), ""),
        (6, ("2", "x", "Ann", "note"), ""),
    ]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert "no row in the workbook" in refusal(book(tmp_path / "a.xlsx", {"One": []}))


def test_what_is_no_workbook_is_named_with_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "a.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2_000_000)
    assert "open it and save it as .xlsx or CSV" in refusal(old)
    old.write_bytes(old.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    assert "protected by a password: open it, take the password away" in refusal(old)
    for name, inside, sentence in (
        ("a.ods", "mimetype", "OpenDocument file (such as .ods): save it as .xlsx"),
        ("a.xlsm", "xl/vbaProject.bin", "has macros: save it as .xlsx"),
        ("a.xlsb", "xl/workbook.bin", "binary workbook (.xlsb): save it as .xlsx"),
        ("a.zip", "leads.csv", "no workbook: unpack it"),
    ):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(inside, "x")
        assert sentence in refusal(tmp_path / name)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = with_sheet(tmp_path / "a.xlsx", HEAD + " " * (9 << 20) + TAIL)
    assert f"{SHEET} unpacks to more than 250 times its size" in refusal(file)
    many = book(tmp_path / "b.xlsx", {"One": [["id"]]})
    extra = {f"xl/{n}.xml": b"" for n in range(5_001)}
    assert "parts, and 5,000 are the most" in refusal(replaced(many, lambda _name, content: content, extra))


def test_of_shared_texts_only_those_are_read_that_the_first_rows_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = "".join(f"<si><t>t{n}</t></si>" for n in range(30_000))
    rows = "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(30_000))
    shared = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>'
    file = with_sheet(tmp_path / "a.xlsx", HEAD + rows + TAIL)
    file = replaced(file, lambda _name, content: content, {"xl/sharedStrings.xml": shared.encode()})
    read: list[str] = []
    add = Texts.add

    def noted(self: Texts, text: str) -> None:
        read.append(text)
        add(self, text)

    monkeypatch.setattr(Texts, "add", noted)
    table = open_table(file)
    assert [line.cells for line in table.first(2)] == [("t1",), ("t2",)]
    assert len(read) < 20_000
    assert sum(1 for _line in table.lines()) == 29_999


def test_sheets_that_are_too_large_together_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = book(tmp_path / "a.xlsx", {f"Sheet {n}": [["id"], ["1"]] for n in range(3)})
    assert cells(file)
    with zipfile.ZipFile(file) as archive:
        most = 3 * archive.getinfo(SHEET).file_size
    monkeypatch.setattr("leads.ingestion.sources.workbook.MOST_OF_SHEETS", most - 1)
    assert "Its sheets unpack to" in refusal(file)


def test_a_row_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    noise = "".join(f"<c><v>{n * 7919 % 1_000_003}</v></c>" for n in range(900_000))
    sentence = refusal(with_sheet(tmp_path / "a.xlsx", f"{HEAD}<row>{noise}</row>{TAIL}"))
    assert "A row is longer than 16,777,216 bytes" in sentence


def test_a_part_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    file = with_sheet(tmp_path / "a.xlsx", HEAD + '<row r="1"><c t="str"><v>id</v></c></row>' * 500 + TAIL)
    with zipfile.ZipFile(file) as archive:
        size = archive.getinfo(SHEET).file_size
    content = file.read_bytes()
    file.write_bytes(content.replace(size.to_bytes(4, "little"), (200).to_bytes(4, "little")))
    assert "is damaged" in refusal(file)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    xml = f'{bomb}{HEAD}<row r="1"><c t="str"><v>&b;</v></c></row>{TAIL}'
    assert "is damaged" in refusal(with_sheet(tmp_path / "a.xlsx", xml))


def test_what_a_sheet_says_of_its_own_size_is_not_believed(tmp_path: Path) -> None:
    head = HEAD.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    xml = (
        f'{head}<row r="1"><c r="A1" t="str"><v>id</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>{TAIL}'
    )
    assert cells(with_sheet(tmp_path / "a.xlsx", xml)) == [("id",), ("1",)]


@given(st.text(max_size=30))
def test_characters_that_xml_cannot_hold_come_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert unescaped("a_x000D_b_x005F_x0041_") == "a\rb_x0041_"


@pytest.fixture(scope="module")
def whole() -> bytes:
    out = io.BytesIO()
    made = Workbook()
    made.worksheets[0].append(["id", "name"])
    made.worksheets[0].append([1, "Ann"])
    made.save(out)
    return out.getvalue()


starts = st.sampled_from(
    [b"", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"a,b\n"]
)


@settings(max_examples=150)
@given(starts, st.binary(max_size=300) | st.text('",;\t\n\r\0aé', max_size=80).map(str.encode))
def test_any_bytes_give_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(start + rest)
    _rows_or_refusal(file)


@settings(max_examples=60)
@given(st.data())
def test_any_damage_to_a_workbook_gives_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4))
    damaged = bytearray(whole)
    for place in places:
        damaged[place] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    file.write_bytes(bytes(damaged))
    _rows_or_refusal(file)


def _rows_or_refusal(file: Path) -> None:
    try:
        numbers = [line.number for line in open_table(file).lines()]
    except DomainError as refusal:
        assert refusal.code.startswith("file.") and len(refusal.sentence) > 15
    else:
        assert numbers == sorted(set(numbers))
