"""The public data sets beside the project: imported, scored, and imported again."""

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from leads.models import Lead, Outcome, Signal, Stale
from leadscoring.ops.state import BASE_DIR
from tests.leads.ingestion.conftest import DATA, needs_data

pytestmark = [pytest.mark.django_db, pytest.mark.slow, needs_data]
X_EDUCATION = [
    "Prospect ID=external_id",
    "Lead Origin=lead_origin",
    "Lead Source=source",
    "Do Not Email=do_not_email",
    "TotalVisits=total_visits",
    "Total Time Spent on Website=time_on_site",
    "Page Views Per Visit=views_per_visit",
    "Country=country",
    "City=city",
    "Specialization=specialization",
]
OLIST_LEADS = [
    "mql_id=external_id",
    "first_contact_date=created_at",
    "origin=source",
    "landing_page_id=landing_page",
]
OLIST_SIGNALS = ["mql_id=lead", "first_contact_date=occurred_at", "landing_page_id=property.path"]
SHOP_LEADS = [
    "user_id=external_id",
    "platform=platform",
    "acquisition_channel=source",
    "user_cohort=user_cohort",
    "user_lifecycle=user_lifecycle",
]
SHOP_SIGNALS = ["user_id=lead", "event=type", "timestamp=occurred_at", "session_id=property.session"]


def run(command: str, file: str, mapping: list[str], *arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(command, str(DATA / file), "--map", *mapping, *arguments, "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def bands(model: str, tmp_path: Path, as_of: str) -> Counter[str]:
    """How many leads the example model puts in each band at a moment."""
    out = tmp_path / "scores.csv"
    version = BASE_DIR / "docs" / "examples" / model
    call_command("load_version", str(version), "--first", stdout=StringIO())
    call_command("export_scores", "--as-of", as_of, "--out", str(out), stdout=StringIO())
    with out.open(encoding="utf-8", newline="") as file:
        return Counter(row["band"] for row in csv.DictReader(file))


def test_x_education_fills_the_queue_and_is_closed_by_its_outcomes(tmp_path: Path) -> None:
    file = "xeducation-leads/Leads.csv"
    first = run("import_leads", file, X_EDUCATION, "--create-attributes", "--missing", "Select")
    assert (first["read"], first["created"], first["refused"]) == (9_240, 9_240, 0)
    assert first["created_attributes"] == {
        "lead_origin": "text",
        "do_not_email": "boolean",
        "total_visits": "number",
        "time_on_site": "number",
        "views_per_visit": "number",
        "specialization": "text",
    }
    assert Lead.objects.filter(is_open=True, team__isnull=False).count() == 9_240
    assert not Lead.objects.filter(facts__specialization="select").exists()
    assert Lead.objects.filter(source="google").count() == 2_868 + 5
    Stale.objects.all().delete()
    again = run("import_leads", file, X_EDUCATION, "--missing", "Select")
    assert (again["unchanged"], Stale.objects.count()) == (9_240, 0)

    assert bands("x_education.yaml", tmp_path, "2026-01-01") == {"cold": 3_743, "warm": 2_571, "hot": 2_926}

    outcome = ["--outcome", "Converted=1:converted,0:lost"]
    closed = run("import_leads", file, X_EDUCATION[:1], *outcome)
    assert closed["updated"] == 9_240
    assert Outcome.objects.filter(kind="converted").count() == 3_561
    assert not Lead.objects.filter(is_open=True).exists()
    assert run("import_leads", file, X_EDUCATION[:1], *outcome)["unchanged"] == 9_240


def test_olist_becomes_leads_signals_and_outcomes(tmp_path: Path) -> None:
    file = "olist-funnel/olist_marketing_qualified_leads_dataset.csv"
    leads = run("import_leads", file, OLIST_LEADS, "--create-attributes")
    signals = run("import_signals", file, OLIST_SIGNALS, "--type", "form_submit")
    assert (leads["created"], signals["created"], leads["refused"] + signals["refused"]) == (8_000, 8_000, 0)
    assert Lead.objects.filter(source=None).count() == 60
    deals = "olist-funnel/olist_closed_deals_dataset.csv"
    won = run("import_leads", deals, ["mql_id=external_id"], "--outcome", "won_date=*:converted")
    assert (won["updated"], Outcome.objects.count()) == (842, 842)
    again = run("import_signals", file, OLIST_SIGNALS, "--type", "form_submit")
    assert (again["duplicates"], again["conflicting"]) == (8_000, 0)
    counted = bands("olist.yaml", tmp_path, "2018-06-01")
    assert counted == {"waiting": 3_940, "open": 3_232, "searching": 695, "ready": 133}


def test_the_clickstream_counts_repeated_events_once(tmp_path: Path) -> None:
    file = "ecom-clickstream/ecom.csv.gz"
    signals = run("import_signals", file, SHOP_SIGNALS)
    assert (signals["read"], signals["waiting"], signals["duplicates"]) == (31_106, 31_076, 30)
    assert len(signals["new_types"]) == 18
    leads = run("import_leads", file, SHOP_LEADS, "--create-attributes")
    assert (leads["created"], leads["attached_signals"], leads["refused"]) == (600, 31_076, 0)
    assert Signal.objects.count() == 31_076
    Stale.objects.all().delete()
    again = run("import_leads", file, SHOP_LEADS)
    assert (again["unchanged"], Stale.objects.count()) == (31_106, 0)
    assert run("import_signals", file, SHOP_SIGNALS)["duplicates"] == 31_106
    counted = bands("ecommerce.yaml", tmp_path, "2024-06-30")
    assert counted == {"browsing": 127, "interested": 157, "deciding": 108, "buying": 208}
