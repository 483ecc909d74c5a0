"""What a band means, agreed by marketing and sales by name; and the page that everybody reads it on."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from leadscoring.actors import acting
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts, versions
from scoring_models.agreements import Side, agree, band_words
from scoring_models.models import BandAgreement, ModelVersion
from scoring_models.spec_text import spec_of
from tests.scoring_models.approving import approve
from tests.scoring_models.versions.conftest import LATER, NOW, Cast
from tests.scoring_models.versions.pages import client_of
from tests.scoring_models.versions.test_pages import page, post
from tests.scoring_models.versions.test_verbs import code

MEANS = "Ready for a conversation"


def say_yes(version: ModelVersion, person: User, side: Side, *, means: str = MEANS) -> BandAgreement:
    return agree(version=version, band_key="sql", means=means, side=side, actor=person, at=NOW)


def agreed(version: ModelVersion) -> dict[str, list[User | None]]:
    return {
        each.band.key: [one.agreement.person if one.agreement else None for one in each.sides]
        for each in band_words(version.model, spec_of(version))
    }


def test_one_of_each_side_agrees_by_name(live: ModelVersion, cast: Cast) -> None:
    assert agreed(live)["sql"] == [None, None]
    say_yes(live, cast.mara, Side.MARKETING)
    say_yes(live, cast.rob, Side.SALES)
    assert agreed(live)["sql"] == [cast.mara, cast.rob]
    assert agreed(live)["hot"] == [None, None]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.data["band"], entry.data["side"]) == ("band.agreed", "sql", "sales")
    assert MEANS not in str(entry.data)


def test_other_words_are_asked_about_again_and_the_same_words_are_not(live: ModelVersion, cast: Cast) -> None:
    say_yes(live, cast.mara, Side.MARKETING)
    spec = spec_of(live)
    bands = tuple(replace(each, means="Wants to buy") for each in spec.bands)
    draft = drafts.create(spec=replace(spec, bands=bands), actor=cast.mara, at=NOW)
    assert agreed(draft)["sql"] == [None, None]
    assert agreed(drafts.start_from(version=live, actor=cast.mara, at=NOW))["sql"] == [cast.mara, None]


@pytest.mark.parametrize(
    ("name", "side"),
    [("rob", Side.MARKETING), ("nina", Side.MARKETING), ("mara", Side.SALES), ("ada", Side.SALES)],
)
def test_nobody_agrees_for_a_side_that_is_not_theirs(
    name: str, side: Side, live: ModelVersion, cast: Cast
) -> None:
    assert code(lambda: say_yes(live, getattr(cast, name), side)) == "not_allowed"


def test_a_side_agrees_once_and_one_person_not_for_both(live: ModelVersion, cast: Cast) -> None:
    say_yes(live, cast.both, Side.SALES)
    assert code(lambda: say_yes(live, cast.rob, Side.SALES)) == "agreed_already"
    assert code(lambda: say_yes(live, cast.both, Side.MARKETING)) == "agreed_already"
    say_yes(live, cast.mara, Side.MARKETING)


def test_what_may_still_change_or_says_something_else_is_not_agreed_on(
    draft: ModelVersion, cast: Cast
) -> None:
    assert code(lambda: say_yes(draft, cast.mara, Side.MARKETING)) == "not_frozen"
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    for means in ("", "Ready"):
        with pytest.raises(DomainError) as caught:
            say_yes(sent, cast.mara, Side.MARKETING, means=means)
        assert caught.value.code == "changed_since"
    say_yes(sent, cast.mara, Side.MARKETING)


def test_the_database_takes_nobodys_word_for_another(live: ModelVersion, cast: Cast) -> None:
    row = {"model": live.model, "band_key": "sql", "means": MEANS, "at": NOW}
    with acting(cast.mara):
        with pytest.raises(IntegrityError, match="agrees for themselves"), transaction.atomic():
            BandAgreement.objects.create(**row, side="sales", person=cast.rob)
        BandAgreement.objects.create(**row, side="marketing", person=cast.mara)
        with pytest.raises(IntegrityError, match="scoring_agreed_by_two"), transaction.atomic():
            BandAgreement.objects.create(**row, side="sales", person=cast.mara)
    for deed in ("DELETE FROM {}", "UPDATE {} SET means = 'x'"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(deed.format("scoring_models_bandagreement"))


# The pages.


@pytest.mark.parametrize("name", ["mara", "nina", "rob", "ada"])
def test_everybody_reads_how_scores_are_assigned(name: str, live: ModelVersion, cast: Cast) -> None:
    say_yes(live, cast.mara, Side.MARKETING)
    html = page(client_of(getattr(cast, name)), "/how-scores-are-assigned/")
    assert "Commented on a post, each time, up to 3 in the last 90 days" in html
    assert "counts for at most 90 points" in html
    assert MEANS in html
    assert "Talk to them directly. Sales works it, within 24 hours." in html
    assert "<bdi>Mara</bdi> agreed" in html


def test_before_anything_is_live_the_page_says_so(draft: ModelVersion, cast: Cast) -> None:
    assert "Nothing is live yet" in page(client_of(cast.rob), "/how-scores-are-assigned/")


def test_a_rep_agrees_for_sales_on_the_page(live: ModelVersion, cast: Cast) -> None:
    rob, there = client_of(cast.rob), "/how-scores-are-assigned/"
    assert page(rob, there).count("I agree") == 4
    fields = {"side": "sales", "means": MEANS, "next": there}
    html = post(rob, f"/models/{live.pk}/bands/sql/agree/", fields)
    assert "<bdi>Rob</bdi> agreed" in html
    assert html.count("I agree") == 3
    assert "<bdi>Rob</bdi> agreed" in page(client_of(cast.nina), f"/models/{live.pk}/")
    assert "Say for which side" in post(rob, f"/models/{live.pk}/bands/sql/agree/", fields, side="all")
    assert "I agree" not in page(client_of(cast.ada), there)


def test_an_admin_agrees_to_nothing(live: ModelVersion, cast: Cast) -> None:
    client = client_of(cast.ada)
    post(client, f"/models/{live.pk}/bands/sql/agree/", side="sales", means=MEANS, status=403)


def test_a_draft_asks_nobody_to_agree(live: ModelVersion, cast: Cast) -> None:
    draft = drafts.start_from(version=live, actor=cast.mara, at=LATER)
    assert "I agree" not in page(client_of(cast.mara), f"/models/{draft.pk}/")
    sent = versions.submit(version=draft, actor=cast.mara, at=LATER)
    assert "I agree" in page(client_of(cast.mara), f"/models/{sent.pk}/")
    assert approve(sent, actor=cast.nina, at=LATER)
