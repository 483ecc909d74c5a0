"""The numbers of the reference model that scoring.md §7 names, and the other templates."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from scoring_models.balance import balance
from scoring_models.demo.versions import REFERENCE, filled_reference
from scoring_models.scoring import Evaluated
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, to_yaml
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.engine.build import DAY, NOW, TICK, score, signal
from tests.scoring_models.planting import plant

pytestmark = pytest.mark.django_db

FITTING = {"company_size": "201-500", "industry": "Software"}
EVERYTHING = (
    *(signal("profile_view", n * DAY) for n in range(1, 4)),
    *(signal("post_comment", n * DAY) for n in range(1, 6)),
    *(signal(key, 5 * DAY) for key in ("content_save", "connection_request_received")),
    *(signal(key, 5 * DAY) for key in ("dm_received", "sales_conversation")),
)


@pytest.fixture
def spec() -> Spec:
    return filled_reference()


TEMPLATES = sorted(REFERENCE.parent.glob("*.yaml"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_read_whole_balanced_and_can_be_computed(path: Path) -> None:
    spec = parse(path.read_text())
    assert parse(to_yaml(spec)) == spec
    assert balance(spec).is_good
    assert not any(values for _, values in spec.lists)
    assert score(spec, plant([LeadFacts(NOW, {})])[0]).total == 0


def test_three_templates_ship() -> None:
    models = {parse(path.read_text()).model for path in TEMPLATES}
    assert models == {"LinkedIn B2B", "Web and e-mail B2B", "Consumer"}


def scored(spec: Spec, title: str, signals: Sequence[SignalFact], *, fits: bool = True) -> Evaluated:
    account = FITTING if fits else None
    [lead_id] = plant([LeadFacts(NOW - 10 * DAY, {"job_title": title}, account, tuple(signals))])
    return score(spec, lead_id)


def band(spec: Spec, found: Evaluated) -> str:
    return spec.bands[found.band].key


def test_a_vp_who_fits_and_does_nothing_is_an_mql(spec: Spec) -> None:
    found = scored(spec, "VP of Engineering", [])
    assert (found.engagement, found.fit, found.total, band(spec, found)) == (0, 35, 35, "mql")


def test_a_senior_manager_who_comments_is_an_sql(spec: Spec) -> None:
    comments = [signal("post_comment", n * DAY) for n in (1, 2, 3)]
    views = [signal("profile_view", n * DAY) for n in (1, 2)]
    found = scored(spec, "Senior Engineering Manager", comments + views)
    assert (found.engagement, found.fit, found.total, band(spec, found)) == (60, 20, 80, "sql")


def test_a_comment_and_a_connection_request_make_95_of_45(spec: Spec) -> None:
    views = [signal("profile_view", n * DAY) for n in (1, 2, 3)]
    assert scored(spec, "Engineering Manager", views).total == 45
    acts = [signal("post_comment", DAY), signal("connection_request_received", DAY)]
    assert scored(spec, "Engineering Manager", views + acts).total == 95


def test_who_does_everything_and_fits_nothing_is_hot(spec: Spec) -> None:
    found = scored(spec, "Gardener", EVERYTHING, fits=False)
    assert (found.engagement, found.fit, found.total, band(spec, found)) == (90, 0, 90, "hot")


def test_the_cap_swallows_no_penalty(spec: Spec) -> None:
    found = scored(spec, "Gardener", (*EVERYTHING, signal("unsubscribed", TICK)), fits=False)
    assert (found.engagement, found.total, band(spec, found)) == (60, 60, "mql")


def test_who_subscribes_again_is_forgiven(spec: Spec) -> None:
    signals = (*EVERYTHING, signal("unsubscribed", DAY), signal("resubscribed", TICK))
    assert scored(spec, "Gardener", signals, fits=False).total == 90


def test_nobody_falls_below_the_floor(spec: Spec) -> None:
    found = scored(spec, "Intern", [signal("unsubscribed", DAY)], fits=False)
    assert (found.engagement, found.fit, found.total) == (-30, -10, 0)
