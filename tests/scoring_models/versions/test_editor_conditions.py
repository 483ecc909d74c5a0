"""Conditions in the editor: rows of fields for "only when", for signals, and for the audience."""

import pytest
from django.test import Client

from leadscoring.audit.models import AuditEntry
from scoring_models.models import ModelVersion, Rule
from scoring_models.spec import (
    AttributeCondition,
    HalfLife,
    Inactivity,
    Kind,
    Linear,
    Op,
    PropertyCondition,
    SignalAtLeast,
    SignalEach,
)
from scoring_models.spec_text import spec_of
from tests.scoring_models.versions.conftest import Cast
from tests.scoring_models.versions.pages import Fields, client_of, editor_fields, prefix_of
from tests.scoring_models.versions.test_editor import COMMENTS, path, rules_of, save, show

DACH = {"attribute": "country", "operator": "is_any_of", "values": "DE\r\nAT"}
IN_DACH = AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, ("de", "at"), given=("DE", "AT"))


@pytest.fixture
def draft(short_draft: ModelVersion) -> ModelVersion:
    return short_draft


@pytest.fixture
def mara(cast: Cast) -> Client:
    return client_of(cast.mara)


def rows(prefix: str, *conditions: dict[str, str]) -> Fields:
    """The fields of these conditions, as the page's script adds them."""
    fields = {f"{prefix}-TOTAL": [str(len(conditions))]}
    for place, condition in enumerate(conditions):
        given = {"operator": "", "values": "", "value_list": ""} | condition
        fields |= {f"{prefix}-{place}-{name}": [value] for name, value in given.items()}
    return fields


def test_a_rule_gets_a_condition_on_the_lead(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    page = save(mara, draft, fields | rows(f"{prefix_of(html, COMMENTS)}-when", DACH))
    assert rules_of(draft)["comments"].only_when == (IN_DACH,)
    assert f"{COMMENTS}, only when Country is any of DE, AT" in page
    assert AuditEntry.objects.filter(action="version.edited").count() == 1


def test_a_rule_gets_conditions_on_its_signals(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    asked = {"property": "is_question", "operator": "is_true"}
    about = {"property": "topic", "operator": "contains_any", "values": "pricing"}
    save(mara, draft, fields | rows(f"{prefix_of(html, COMMENTS)}-where", asked, about))
    assert rules_of(draft)["comments"].condition == SignalEach(
        ("post_comment",),
        3,
        90,
        where=(
            PropertyCondition("is_question", Op.IS_TRUE),
            PropertyCondition("topic", Op.CONTAINS_ANY, ("pricing",)),
        ),
    )


def test_a_condition_compares_with_a_list(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    titles = {"attribute": "job_title", "operator": "contains_any", "value_list": "target titles"}
    save(mara, draft, fields | rows(f"{prefix_of(html, COMMENTS)}-when", titles))
    [condition] = rules_of(draft)["comments"].only_when
    assert condition.list_name == "target titles"


def test_conditions_survive_the_page_and_go_one_by_one(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = f"{prefix_of(html, COMMENTS)}-when"
    inbound = {"attribute": "inbound", "operator": "is_true"}
    save(mara, draft, fields | rows(prefix, DACH, inbound))
    before = spec_of(draft)
    _html, fields = show(mara, draft)
    save(mara, draft, fields)
    assert spec_of(draft) == before
    assert AuditEntry.objects.filter(action="version.edited").count() == 1
    save(mara, draft, fields | {f"{prefix}-0-remove": ["on"]})
    [left] = rules_of(draft)["comments"].only_when
    assert left.field == "inbound"


def test_rows_that_say_nothing_or_were_taken_out_are_no_conditions(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = f"{prefix_of(html, COMMENTS)}-when"
    gap = rows(prefix, {}, {}, DACH)
    gap = {name: value for name, value in gap.items() if not name.startswith(f"{prefix}-0-")}
    save(mara, draft, fields | gap)
    assert rules_of(draft)["comments"].only_when == (IN_DACH,)


def test_conditions_on_signals_go_with_the_kind_that_has_them(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, COMMENTS)
    about = {"property": "topic", "operator": "is", "values": "x"}
    idle = {f"{prefix}-kind": ["inactivity"], f"{prefix}-idle_days": ["7"]}
    save(mara, draft, fields | rows(f"{prefix}-where", about) | idle)
    assert rules_of(draft)["comments"].condition == Inactivity(("post_comment",), 7)
    assert Rule.objects.get(key="comments").where == []


@pytest.mark.parametrize(
    ("condition", "field", "said"),
    [
        ({"operator": "is_true"}, "attribute", "This is empty."),
        ({"attribute": "country"}, "operator", "This is empty."),
        ({"attribute": "nonsense", "operator": "is_true"}, "attribute", "There is no attribute “nonsense”"),
        ({"attribute": "country", "operator": "is_true"}, "operator", "doesn&#x27;t suit Country"),
        ({"attribute": "country", "operator": "is"}, "values", "This is missing."),
        ({"attribute": "ssi_score", "operator": "at_least", "values": "many"}, "values", "is not a number"),
        (DACH | {"value_list": "nowhere"}, "values", "Keep either value or list"),
    ],
)
def test_a_mistake_in_a_condition_is_told_at_its_field(
    condition: dict[str, str], field: str, said: str, draft: ModelVersion, mara: Client
) -> None:
    before = spec_of(draft)
    html, fields = show(mara, draft)
    prefix = f"{prefix_of(html, COMMENTS)}-when"
    page = save(mara, draft, fields | rows(prefix, {"attribute": ""} | condition))
    at_field = page.partition(f'id="id_{prefix}-0-{field}"')[2].partition('<div class="field"')[0]
    assert said in at_field
    assert spec_of(ModelVersion.objects.get(pk=draft.pk)) == before


def test_a_condition_can_be_added_without_a_script(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = f"{prefix_of(html, COMMENTS)}-when"
    answer = mara.post(path(draft), {**fields, "_condition": [prefix]})
    page = answer.content.decode()
    assert "Fill in the new condition, then save." in page
    again = editor_fields(page)
    assert f"{prefix}-0-attribute" in again
    filled = {f"{prefix}-0-{name}": [value] for name, value in DACH.items()}
    save(mara, draft, again | filled)
    assert rules_of(draft)["comments"].only_when == (IN_DACH,)


def test_the_audience_is_saved_and_its_mistakes_are_told_at_their_fields(
    draft: ModelVersion, mara: Client
) -> None:
    _html, fields = show(mara, draft)
    page = save(mara, draft, fields | rows("audience", DACH | {"values": ""}))
    assert "This is missing." in page.partition('id="id_audience-0-values"')[2][:200]
    assert spec_of(draft).audience == ()
    save(mara, draft, fields | rows("audience", DACH))
    assert spec_of(ModelVersion.objects.get(pk=draft.pk)).audience == (IN_DACH,)
    _html, fields = show(mara, draft)
    save(mara, draft, fields)
    assert spec_of(ModelVersion.objects.get(pk=draft.pk)).audience == (IN_DACH,)
    assert AuditEntry.objects.get(action="version.edited").data["changed"] == ["audience"]


@pytest.mark.parametrize(
    ("fade", "expected"),
    [({"decay": "linear"}, Linear()), ({"decay": "half_life", "half_life_days": "30"}, HalfLife(30))],
)
def test_a_signal_fades_with_age(
    fade: dict[str, str], expected: object, draft: ModelVersion, mara: Client
) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, COMMENTS)
    save(mara, draft, fields | {f"{prefix}-{name}": [value] for name, value in fade.items()})
    condition = rules_of(draft)["comments"].condition
    assert isinstance(condition, SignalEach) and condition.decay == expected


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"decay": "half_life"}, "half_life_days", "This is empty."),
        ({"decay": "linear", "window_days": ""}, "decay", "Linear decay needs window_days."),
        ({"kind": "account"}, "people", "This is empty."),
        (
            {"kind": "inactivity", "idle_days": "9", "again_every_days": "9", "at_most": ""},
            "at_most",
            "empty",
        ),
    ],
)
def test_what_a_kind_lacks_is_told_at_its_field(
    values: dict[str, str], field: str, said: str, draft: ModelVersion, mara: Client
) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, COMMENTS)
    page = save(mara, draft, fields | {f"{prefix}-{name}": [value] for name, value in values.items()})
    assert said in page.partition(f'id="id_{prefix}-{field}"')[2].partition('<div class="field"')[0]


def test_signals_with_a_condition_are_another_kind_of_rule(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, "Started a conversation at least once in the last 90 days")
    save(mara, draft, fields | {f"{prefix}-kind": ["account"], f"{prefix}-people": ["2"]})
    said = "At least 2 other people at the company: Started a conversation in the last 90 days"
    assert said in show(mara, draft)[0]
    assert not isinstance(rules_of(draft)["started-conversation"].condition, SignalAtLeast)
