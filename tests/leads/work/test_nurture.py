"""Marketing's list and its export."""

import csv
import io

import pytest

from leads.models import Account
from leads.queue import claims
from leads.queue.criteria import Criteria
from leads.queue.nurture import CHUNK, nurture, nurture_rows, waiting
from leads.spreadsheets.cells import inert
from leads.spreadsheets.writing import csv_pieces
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import FixedScorer


def exported(user: User, criteria: Criteria | None = None) -> list[dict[str, str]]:
    lines = "".join(csv_pieces(nurture_rows(user=user, now=NOW, criteria=criteria or Criteria())))
    return list(csv.DictReader(io.StringIO(lines)))


def test_it_has_the_leads_of_all_teams_in_marketings_bands(cast: Cast) -> None:
    cold = make_lead(cast.south, 5)
    warm = make_lead(cast.north, 30, owner=cast.bob)
    make_lead(cast.north, 31)
    make_lead(cast.north, 20, is_open=False)
    lost = make_lead(None, 6)

    for user in (cast.mia, cast.adam):
        assert [row.lead for row in nurture(user=user, now=NOW).rows] == [warm, lost, cold]
        assert [(entry.band.key, entry.count) for entry in waiting(user=user, now=NOW)] == [("nurture", 3)]


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_it_is_not_for_sales(cast: Cast, name: str) -> None:
    user = getattr(cast, name)

    for refused_verb in (nurture, waiting, nurture_rows):
        with pytest.raises(DomainError) as refused:
            refused_verb(user=user, now=NOW)
        assert refused.value.code == "nurture.not_yours"


def test_a_claim_does_not_take_a_lead_off_it(cast: Cast) -> None:
    lead = make_lead(cast.north, 20)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)

    [row] = nurture(user=cast.mia, now=NOW).rows
    assert (row.lead, row.claim) == (lead, None)


def test_the_export_has_a_line_a_lead_in_the_lists_order(cast: Cast) -> None:
    account = Account.objects.create(attributes={"company": "Brandt, Söhne"})
    make_lead(cast.north, 5, external_id="low")
    make_lead(
        cast.north,
        12,
        external_id="7",
        account=account,
        attributes={"email": "m@brandt.de", "first_name": "Maren", "last_name": "Vogel", "country": "DE"},
    )

    first, second = exported(cast.mia)

    assert first == {
        "external_id": "7",
        "email": "m@brandt.de",
        "first_name": "Maren",
        "last_name": "Vogel",
        "job_title": "",
        "country": "DE",
        "source": "",
        "company": "Brandt, Söhne",
        "score": "12",
        "band": "Nurture",
        "model_score": "12",
    }
    assert second["external_id"] == "low"


def test_the_export_is_filtered_as_the_list_is(cast: Cast) -> None:
    make_lead(cast.north, 5, external_id="a", source="webinar")
    make_lead(cast.north, 6, external_id="b")

    assert [line["external_id"] for line in exported(cast.mia, Criteria(source="webinar"))] == ["a"]


def test_nothing_that_a_spreadsheet_would_run_leaves_the_house(cast: Cast) -> None:
    names = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "＝1")
    for number, name in enumerate(names):
        make_lead(cast.north, 1, external_id=f"={number}", attributes={"first_name": name})

    lines = exported(cast.mia)

    assert len(lines) == len(names)
    assert {line["first_name"] for line in lines} == {f"'{name}" for name in names}
    assert all(line["external_id"].startswith("'=") for line in lines)


def test_ordinary_text_is_exported_as_it_is() -> None:
    for text in ("Vogel", "O'Neill", "a=b", "1-2", "", "Ünal", "m@x.de"):
        assert inert(text) == text
    assert inert(None) == ""


def test_a_long_list_is_read_in_pieces_and_none_is_lost(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.queue.nurture.CHUNK", 3)
    for number in range(10):
        make_lead(cast.north, number, external_id=str(number))

    assert CHUNK > 3
    assert [line["score"] for line in exported(cast.mia)] == [str(number) for number in reversed(range(10))]


def test_without_a_live_model_there_is_only_the_header(cast: Cast) -> None:
    FixedScorer.live = None

    assert "".join(csv_pieces(nurture_rows(user=cast.mia, now=NOW))).startswith("external_id,email")
    assert exported(cast.mia) == []
