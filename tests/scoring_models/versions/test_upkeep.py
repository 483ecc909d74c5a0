"""Models that nobody looked at, who owns them, and the notice that another version is live."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import notices, schedule, upkeep, versions
from scoring_models.agreements import Side, agree
from scoring_models.every_page import every_page
from scoring_models.models import Activation, ActivationSeen, ModelVersion, ScoringModel
from scoring_models.spec import Spec
from scoring_models.spec_text import spec_of
from scoring_models.upkeep import Freshness, freshness
from tests.scoring_models.versions.conftest import NOW, Cast, next_version, person
from tests.scoring_models.versions.pages import client_of
from tests.scoring_models.versions.test_pages import page, post
from tests.scoring_models.versions.test_verbs import code

DAY = timedelta(days=1)


def agree_on_all(version: ModelVersion, cast: Cast) -> None:
    for band in spec_of(version).bands:
        for actor, side in ((cast.mara, Side.MARKETING), (cast.rob, Side.SALES)):
            agree(version=version, band_key=band.key, means=band.means, side=side, actor=actor, at=NOW)


# Staleness.


@pytest.mark.parametrize(
    ("age", "wanted"),
    [
        (timedelta(0), Freshness.FRESH),
        (30 * DAY - timedelta(seconds=1), Freshness.FRESH),
        (30 * DAY, Freshness.DUE),
        (91 * DAY - timedelta(seconds=1), Freshness.DUE),
        (91 * DAY, Freshness.STALE),
    ],
)
def test_a_model_is_due_after_a_month_and_stale_after_a_quarter(age: timedelta, wanted: Freshness) -> None:
    assert freshness(NOW, at=NOW + age) is wanted


def tasks(user: User, at: datetime) -> int:
    return every_page(fresh(user), at=at).models


def test_a_model_waits_for_its_owner_until_a_manager_keeps_it(live: ModelVersion, cast: Cast) -> None:
    agree_on_all(live, cast)
    model = ScoringModel.objects.get()
    assert model.owner == cast.nina
    then = NOW + 40 * DAY
    assert (tasks(cast.nina, NOW), tasks(cast.nina, then), tasks(cast.noel, then)) == (0, 1, 0)
    upkeep.keep_as_is(model=model, actor=cast.noel, at=then)
    assert tasks(cast.nina, then + 29 * DAY) == 0
    assert tasks(cast.nina, then + 30 * DAY) == 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.data["version"]) == ("model.reviewed", cast.noel, live.pk)


def test_putting_another_version_live_counts_as_a_look(live: ModelVersion, cast: Cast) -> None:
    agree_on_all(live, cast)
    second = next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.noel, at=NOW + 40 * DAY)
    assert tasks(cast.nina, NOW + 69 * DAY) == 0
    assert ScoringModel.objects.get().owner == cast.nina


def test_bands_without_agreement_wait_for_the_owner(live: ModelVersion, cast: Cast) -> None:
    assert tasks(cast.nina, NOW) == 1
    agree_on_all(live, cast)
    assert tasks(cast.nina, NOW) == 0


def test_a_model_without_an_owner_waits_for_every_manager(reference: Spec, cast: Cast) -> None:
    versions.set_up(spec=reference, actor=User.objects.system(), at=NOW)
    assert ScoringModel.objects.get().owner is None
    assert [tasks(each, NOW) for each in (cast.nina, cast.noel, cast.mara, cast.rob)] == [1, 1, 0, 0]


def test_a_model_that_was_never_live_waits_for_nobody(draft: ModelVersion, cast: Cast) -> None:
    assert tasks(cast.nina, NOW) == 0
    assert code(lambda: upkeep.keep_as_is(model=draft.model, actor=cast.nina, at=NOW)) == "not_live"


def test_who_plans_the_first_version_owns_the_model(approved: ModelVersion, cast: Cast) -> None:
    at = timezone.now()
    schedule.schedule(version=approved, starts_at=at + DAY, actor=cast.noel, at=at)
    assert ScoringModel.objects.get().owner == cast.noel


def test_the_owner_is_changed_by_a_manager_to_somebody_who_can(live: ModelVersion, cast: Cast) -> None:
    upkeep.set_owner(model=live.model, owner=cast.mara, actor=cast.nina, at=NOW)
    assert (tasks(cast.mara, NOW), tasks(cast.nina, NOW)) == (1, 0)
    assert AuditEntry.objects.latest("pk").data == {"owner": cast.mara.pk}
    assert (
        code(lambda: upkeep.set_owner(model=live.model, owner=cast.rob, actor=cast.nina, at=NOW))
        == "no_owner"
    )
    assert cast.rob not in upkeep.possible_owners()
    assert {cast.mara, cast.nina} <= set(upkeep.possible_owners())


@pytest.mark.parametrize("name", ["mara", "rob", "ada"])
def test_only_managers_keep_a_model_and_name_its_owner(name: str, live: ModelVersion, cast: Cast) -> None:
    actor = getattr(cast, name)
    assert code(lambda: upkeep.keep_as_is(model=live.model, actor=actor, at=NOW)) == "not_allowed"
    assert (
        code(lambda: upkeep.set_owner(model=live.model, owner=cast.mara, actor=actor, at=NOW))
        == "not_allowed"
    )
    client = client_of(actor)
    post(client, f"/models/of/{live.model_id}/keep/", status=403)
    post(client, f"/models/of/{live.model_id}/owner/", owner=str(cast.mara.pk), status=403)


def test_the_models_page_says_what_waits(live: ModelVersion, cast: Cast) -> None:
    ScoringModel.objects.update(owner=cast.nina)
    nina = client_of(cast.nina)
    html = page(nina, "/models/")
    assert "haven't agreed yet on what this means" in html.replace("&#x27;", "'")
    assert "<bdi>Nina</bdi> owns this model." in html
    assert 'title="Waiting for you">1</span>' in html
    assert "Change the owner" not in page(client_of(cast.rob), "/models/")
    assert "Mara owns" in post(nina, f"/models/of/{live.model_id}/owner/", owner=str(cast.mara.pk))
    assert "Choose who owns it" in post(
        nina, f"/models/of/{live.model_id}/owner/", owner="x", next="/models/"
    )


def test_a_stale_model_is_kept_on_the_models_page(reference: Spec, cast: Cast) -> None:
    old = timezone.now() - 100 * DAY
    model = versions.set_up(spec=reference, actor=User.objects.system(), at=old).version.model
    nina = client_of(cast.nina)
    assert "Stale: nobody has reviewed it for a quarter" in page(nina, "/models/")
    assert "Reviewed, keeps as it is" not in page(client_of(cast.mara), "/models/")
    html = post(nina, f"/models/of/{model.pk}/keep/")
    assert "is reviewed and stays as it is" in html
    assert "Stale" not in html


# The notice.


@pytest.fixture
def news(approved: ModelVersion, cast: Cast) -> Activation:
    """The second version is live since an hour, put there by Nina; all others are here since long."""
    now = timezone.now()
    User.objects.update(date_joined=now - 300 * DAY)
    versions.activate(version=approved, actor=cast.nina, at=now - 2 * DAY)
    second = next_version(approved, cast, at=now - DAY)
    versions.activate(version=second, actor=cast.nina, at=now - timedelta(hours=1))
    return Activation.objects.get(version=second)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_another_version_is_told_with_what_it_changes_until_it_was_seen(news: Activation, cast: Cast) -> None:
    now, rob = timezone.now(), fresh(cast.rob)
    told = every_page(rob, at=now).news
    assert told is not None
    assert (told.activation_id, told.number) == (news.pk, 2)
    assert list(told.diff.lines()) == ["changed: Lowest total: 0 → -5"]
    assert every_page(fresh(cast.nina), at=now).news is None  # she did it
    notices.dismiss(activation=news, actor=rob, at=now)
    notices.dismiss(activation=news, actor=rob, at=now)
    assert every_page(rob, at=now).news is None
    assert every_page(fresh(cast.mara), at=now).news is not None


def test_old_news_and_the_very_first_version_are_not_told(
    news: Activation, reference: Spec, cast: Cast
) -> None:
    rob = fresh(cast.rob)
    assert every_page(rob, at=timezone.now() + 15 * DAY).news is None
    assert every_page(rob, at=news.starts_at - timedelta(hours=1)).news is None
    newcomer = person("new", Role.REP)
    assert every_page(newcomer, at=timezone.now()).news is None


def test_a_rep_reads_the_notice_on_the_queue_and_puts_it_away(news: Activation, cast: Cast) -> None:
    rob = client_of(fresh(cast.rob))
    html = page(rob, "/queue/")
    assert "version 2 is live since" in html
    assert "Lowest total: 0 → -5" in html
    assert f"/models/{news.version_id}/changes/?with=" in html
    assert not ActivationSeen.objects.exists()
    html = post(rob, f"/models/seen/{news.pk}/", next="/queue/")
    assert "version 2 is live since" not in html
    assert rob.get(f"/models/seen/{news.pk}/").status_code == 405


def test_going_back_is_told_as_well(news: Activation, cast: Cast, approved: ModelVersion) -> None:
    versions.go_back(version=approved, actor=cast.noel, at=timezone.now())
    told = every_page(fresh(cast.rob), at=timezone.now()).news
    assert told is not None
    assert list(told.diff.lines()) == ["changed: Lowest total: -5 → 0"]
