"""Files of people to measure imports with: CSV, and a workbook as spreadsheets save it."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

Cells = Sequence[str | int]
# What each column is mapped to.
COLUMNS = {
    "Record ID": "external_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Job Title": "job_title",
    "Company Name": "company",
    "Website URL": "company_domain",
    "Industry": "industry",
    "Country/Region": "country",
    "City": "city",
    "Phone Number": "phone",
    "Annual Revenue": "revenue",
    "Create Date": "created_at",
    "Original Source": "source",
    "Visits": "visits",
}
_FIRST = ("Ann", "Bob", "Zoë", "Jürgen", "Łukasz", "José", "Ivan", "Mary")
_LAST = ("Smith", "Müller", "Kowalski", "García", "O'Neill", "Nguyen", "Sørensen", "Dubois")
_TITLES = ("VP Sales", "Head of Marketing", "Software Engineer", "CTO", "Director of Operations", "Intern")
_INDUSTRIES = ("Software", "Manufacturing", "Retail", "Health Care", "Banking")
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        "</Relationships>"
    ),
}
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def people(count: int) -> Iterator[Cells]:
    """The header and so many rows, the same each time: five people a company, most texts once."""
    yield tuple(COLUMNS)
    drawn = Random(7)
    for n in range(count):
        company = n // 5
        yield (
            *(n, drawn.choice(_FIRST), drawn.choice(_LAST), f"person{n}@company{company}.example"),
            *(f"{drawn.choice(_TITLES)} {drawn.randrange(200)}", f"Company {company} GmbH"),
            *(f"company{company}.example", _INDUSTRIES[company % 5], "Germany", "Berlin", f"+49 30 {n:07}"),
            *(
                1_000 * company,
                f"2024-{1 + n % 12:02}-{1 + n % 28:02}",
                "Organic Search",
                drawn.randrange(50),
            ),
        )


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(people(count))


def write_workbook(path: Path, count: int) -> None:
    """As spreadsheets save it: each text once, in a part of its own, and cells that name its place."""
    places: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part, io.TextIOWrapper(part, "utf-8") as out:
            out.write(f"<worksheet {_MAIN}><sheetData>")
            for number, row in enumerate(people(count), start=1):
                cells = (_cell(number, place, value, places) for place, value in enumerate(row))
                out.write(f'<row r="{number}">{"".join(cells)}</row>')
            out.write("</sheetData></worksheet>")
        texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in places)
        archive.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{texts}</sst>")


def _cell(number: int, place: int, value: str | int, places: dict[str, int]) -> str:
    name = f"{chr(ord('A') + place)}{number}"
    if isinstance(value, int):
        return f'<c r="{name}"><v>{value}</v></c>'
    return f'<c r="{name}" t="s"><v>{places.setdefault(value, len(places))}</v></c>'
