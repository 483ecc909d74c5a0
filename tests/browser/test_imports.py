"""A file's whole way, as a person of marketing goes it: by keyboard, and on a phone."""

from pathlib import Path

from playwright.sync_api import expect
from pytest_django import Settings

from leads.imports import work
from leads.models import FileImport, Lead
from tests.browser.conftest import AsPerson, follow
from tests.browser.test_every_page import violations

FILE = "Kunde,E-mail,Title\n1,ann@acme.com,VP Sales\n2,bob,Engineer\n"


def test_a_file_is_uploaded_mapped_imported_and_its_refused_row_mended(
    as_person: AsPerson, tmp_path: Path, settings: Settings
) -> None:
    settings.IMPORT_MAX_BYTES = 1 << 20
    page = as_person("sam", "/imports/", viewport={"width": 375, "height": 800})
    chosen = page.get_by_label("File", exact=True)
    chosen.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * (1 << 20) + b"x"})
    page.get_by_role("button", name="Look at it").click()
    assert str(chosen.evaluate("file => file.validationMessage")).startswith("Files of up to 1 MB can be")
    assert not FileImport.objects.exists()
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    chosen.set_input_files(file)
    with page.expect_navigation():
        page.get_by_role("button", name="Look at it").press("Enter")

    expect(page.get_by_label("E-mail")).to_have_value("email")
    expect(page.get_by_text("1 of the first 2 rows would be refused")).to_be_visible()
    page.get_by_label("Kunde").select_option(label="External id")
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert not violations(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Import", exact=True).press("Enter")

    expect(page.get_by_text("It waits for a worker.")).to_be_visible()
    work.work(job_id=FileImport.objects.latest("pk").pk, seconds=100)
    expect(page.get_by_text("Done: 2 rows.")).to_be_visible()
    assert not violations(page)
    assert Lead.objects.filter(external_id="1").exists()

    with page.expect_download() as download:
        page.get_by_role("link", name="Refused rows as a file").press("Enter")
    mended = tmp_path / download.value.suggested_filename
    mended.write_text(download.value.path().read_text().replace("bob", "bob@acme.com"))
    page.goto("/imports/")
    page.get_by_label("File", exact=True).set_input_files(mended)
    follow(page.get_by_role("button", name="Look at it"))
    expect(page.get_by_text("None of the first 1 rows")).to_be_visible()
