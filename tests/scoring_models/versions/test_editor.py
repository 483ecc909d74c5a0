"""The editor of a draft, through the server and without a script."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from leadscoring.audit.models import AuditEntry
from scoring_models import drafts, versions
from scoring_models.models import ModelVersion, VersionState
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Dimension,
    HalfLife,
    Inactivity,
    Kind,
    Op,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from scoring_models.spec_text import spec_of
from tests.scoring_models.versions.conftest import NOW, Cast
from tests.scoring_models.versions.pages import Fields, client_of, editor_fields, prefix_of

COMMENTS = "Commented on a post, each time, up to 3 in the last 90 days"


def path(version: ModelVersion) -> str:
    return f"/admin/scoring_models/modelversion/{version.pk}/change/"


def show(client: Client, version: ModelVersion) -> tuple[str, Fields]:
    html = client.get(path(version)).content.decode()
    return html, editor_fields(html)


def save(client: Client, version: ModelVersion, fields: Fields, button: str = "_save") -> str:
    """Post the fields; the page that follows."""
    answer = client.post(path(version), {**fields, button: ["1"]}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def rules_of(version: ModelVersion) -> dict[str, RuleSpec]:
    return {rule.key: rule for rule in spec_of(ModelVersion.objects.get(pk=version.pk)).rules}


@pytest.fixture
def draft(short_draft: ModelVersion) -> ModelVersion:
    return short_draft


@pytest.fixture
def mara(cast: Cast) -> Client:
    return client_of(cast.mara)


def test_saving_unchanged_changes_nothing(draft: ModelVersion, mara: Client) -> None:
    before = spec_of(draft)
    _html, fields = show(mara, draft)
    assert "Saved." in save(mara, draft, fields)
    assert spec_of(draft) == before
    assert not AuditEntry.objects.filter(action="version.edited").exists()


def test_every_rule_reads_as_a_sentence(draft: ModelVersion, mara: Client) -> None:
    html, _fields = show(mara, draft)
    for said in (COMMENTS, "No engagement for 90 days", "LinkedIn SSI is at least 70"):
        assert said in html


def test_new_points_are_saved_and_audited(draft: ModelVersion, mara: Client, cast: Cast) -> None:
    html, fields = show(mara, draft)
    save(mara, draft, fields | {f"{prefix_of(html, COMMENTS)}-points": ["25"]})
    assert rules_of(draft)["comments"].points == 25
    assert AuditEntry.objects.get(action="version.edited").actor == cast.mara


def test_an_editor_is_recorded(draft: ModelVersion, cast: Cast) -> None:
    milo = client_of(cast.milo)
    html, fields = show(milo, draft)
    save(milo, draft, fields | {f"{prefix_of(html, COMMENTS)}-points": ["25"]})
    assert {editor.user for editor in draft.editors.all()} == {cast.mara, cast.milo}


def new_rule(fields: Fields, dimension: str, **values: str | list[str]) -> Fields:
    """The fields with the empty form of that dimension filled."""
    stem = "rules" if dimension == "engagement" else "rules-2"
    prefix = f"{stem}-{int(fields[f'{stem}-TOTAL_FORMS'][0]) - 1}"
    given = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    return fields | {f"{prefix}-{name}": value for name, value in given.items()}


def attribute_id(html: str, label: str) -> str:
    before = html.index(f">{label}</option>")
    return html[:before].rpartition('value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("dimension", "values", "key", "expected"),
    [
        (
            "engagement",
            {"kind": "at_least", "signal_types": ["demo_request"], "window_days": "60"},
            "demo_request",
            SignalAtLeast(("demo_request",), 1, 60),
        ),
        (
            "engagement",
            {"kind": "each", "signal_types": ["page_view", "email_reply"], "at_most": "2"},
            None,
            SignalEach(("page_view", "email_reply"), 2),
        ),
        (
            "engagement",
            {"kind": "inactivity", "signal_types": ["page_view"], "idle_days": "7", "at_most": "rubbish"},
            "page_view",
            Inactivity(("page_view",), 7),
        ),
        (
            "engagement",
            {
                **{"kind": "each", "signal_types": ["page_view"], "at_most": "2", "window_days": "30"},
                **{"decay": "half_life", "half_life_days": "14", "people": "3"},
            },
            "page_view",
            SignalEach(("page_view",), 2, 30, decay=HalfLife(14)),
        ),
        (
            "engagement",
            {"kind": "account", "signal_types": ["page_view"], "people": "2", "decay": "linear"},
            "page_view",
            AccountActivity(("page_view",), 2),
        ),
        (
            "fit",
            {"kind": "attribute", "attribute": "Country", "operator": "is_any_of", "values": "DE\r\nAT"},
            "country",
            AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, ("de", "at"), given=("DE", "AT")),
        ),
        (
            "fit",
            {"kind": "attribute", "attribute": "Inbound", "operator": "is_true", "idle_days": "9"},
            "inbound",
            AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE),
        ),
    ],
)
def test_a_rule_is_added(
    dimension: str,
    values: dict[str, str | list[str]],
    key: str | None,
    expected: object,
    draft: ModelVersion,
    mara: Client,
) -> None:
    html, fields = show(mara, draft)
    if "attribute" in values:
        values = values | {"attribute": attribute_id(html, str(values["attribute"]))}
    save(mara, draft, new_rule(fields, dimension, points="5", position="99", **values))
    added = [rule for key, rule in rules_of(draft).items() if rule.points == 5 and key != "linkedin-ssi"]
    assert [rule.condition for rule in added] == [expected]
    assert added[0].dimension == Dimension(dimension)
    assert key is None or added[0].key == key


def test_a_second_rule_of_one_signal_gets_a_key_of_its_own(draft: ModelVersion, mara: Client) -> None:
    for _ in range(2):
        _html, fields = show(mara, draft)
        save(
            mara, draft, new_rule(fields, "engagement", points="1", kind="at_least", signal_types="page_view")
        )
    assert list(rules_of(draft))[-2:] == ["page_view", "page_view-2"]


def test_a_rule_is_removed(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    save(mara, draft, fields | {f"{prefix_of(html, COMMENTS)}-DELETE": ["on"]})
    assert "comments" not in rules_of(draft)


def press(client: Client, version: ModelVersion, fields: Fields, button: str, value: str) -> list[str]:
    """Press a button of a rule; the keys of the rules that follow."""
    assert "Saved." in save(client, version, {**fields, button: [value]})
    return list(rules_of(version))


@pytest.mark.parametrize("by", [-1, 1])
def test_a_rule_moves_by_a_button_without_a_script(by: int, draft: ModelVersion, mara: Client) -> None:
    before = list(rules_of(draft))
    html, fields = show(mara, draft)
    after = press(mara, draft, fields, "_move", f"{prefix_of(html, COMMENTS)}:{by}")
    at = before.index("comments")
    before[at], before[at + by] = before[at + by], before[at]
    assert after == before


def test_the_first_rule_moves_no_further_up(draft: ModelVersion, mara: Client) -> None:
    before = list(rules_of(draft))
    _html, fields = show(mara, draft)
    assert press(mara, draft, fields, "_move", "rules-0:-1") == before


def test_a_rule_is_duplicated_next_to_it_without_a_script(draft: ModelVersion, mara: Client) -> None:
    before = list(rules_of(draft))
    html, fields = show(mara, draft)
    after = press(mara, draft, fields, "_duplicate", prefix_of(html, COMMENTS))
    at = before.index("comments")
    assert after == [*before[: at + 1], "post_comment", *before[at + 1 :]]
    rules = rules_of(draft)
    assert replace(rules["post_comment"], key="comments") == rules["comments"]


def test_changes_are_saved_with_a_move(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, COMMENTS)
    press(mara, draft, fields | {f"{prefix}-points": ["25"]}, "_move", f"{prefix}:-1")
    assert rules_of(draft)["comments"].points == 25


@pytest.mark.parametrize("value", ["rubbish", "rules-99", "bands-0:1", "rules-x:1", ""])
def test_a_button_that_names_no_rule_only_saves(value: str, draft: ModelVersion, mara: Client) -> None:
    before = list(rules_of(draft))
    for button in ("_move", "_duplicate"):
        _html, fields = show(mara, draft)
        assert press(mara, draft, fields, button, value) == before


def test_bands_can_all_move_at_once(draft: ModelVersion, mara: Client) -> None:
    _html, fields = show(mara, draft)
    moved = {"31": "61", "61": "81", "81": "95"}
    edges = {
        name: [moved[value[0]]]
        for name, value in fields.items()
        if name.endswith("-lower_edge") and value[0] in moved
    }
    save(mara, draft, fields | edges)
    assert [band.lower_edge for band in spec_of(draft).bands] == [None, 61, 81, 95]


def test_a_list_is_filled_one_value_a_line_and_each_once(draft: ModelVersion, mara: Client) -> None:
    _html, fields = show(mara, draft)
    names = {value[0]: name for name, value in fields.items() if name.endswith("-name")}
    name = names["target titles"]
    save(mara, draft, fields | {name.replace("-name", "-values"): ["VP\r\nHead of\r\n\r\nvp "]})
    assert dict(spec_of(draft).lists)["target titles"] == ("VP", "Head of")


def test_sending_for_approval_saves_first(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    page = save(mara, draft, fields | {f"{prefix_of(html, COMMENTS)}-points": ["25"]}, button="_submit")
    sent = ModelVersion.objects.get(pk=draft.pk)
    assert sent.state == VersionState.IN_REVIEW
    assert rules_of(sent)["comments"].points == 25
    assert "waits for approval" in page


# What is refused.


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda prefix: {f"{prefix}-points": ["0"]}, "A rule of 0 points does nothing"),
        (lambda prefix: {f"{prefix}-points": ["x"]}, "Enter a whole number"),
        (lambda prefix: {f"{prefix}-at_most": [""]}, "This is empty."),
        (lambda prefix: {f"{prefix}-signal_types": []}, "This is empty."),
        (lambda prefix: {f"{prefix}-signal_types": ["nonsense"]}, "nonsense is not one of the available"),
        (lambda prefix: {f"{prefix}-kind": ["attribute"]}, "This is empty."),
        (lambda prefix: {f"{prefix}-kind": [""]}, "This field is required"),
        (lambda prefix: {f"{prefix}-window_days": ["0"]}, "greater than or equal to 1"),
        (lambda prefix: {"fit_cap": ["10"], "fit_floor": ["20"]}, "The cap 10 is below the floor 20."),
        (lambda prefix: {"floor": ["10"], "ceiling": ["5"]}, "The ceiling 5 is below the floor 10."),
        (lambda prefix: {"bands-0-lower_edge": [""]}, "Only the first band has no lower edge"),
        (lambda prefix: {"bands-0-name": [""]}, "This field is required"),
        (lambda prefix: {"lists-0-DELETE": ["on"]}, "There is no list “target titles”"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_saved(
    change: Callable[[str], Fields], said: str, draft: ModelVersion, mara: Client
) -> None:
    before = spec_of(draft)
    html, fields = show(mara, draft)
    page = save(mara, draft, fields | change(prefix_of(html, COMMENTS)))
    assert said in page
    assert "Nothing is saved yet" in page or said in page
    assert "Saved." not in page
    assert spec_of(ModelVersion.objects.get(pk=draft.pk)) == before


def test_a_number_is_refused_in_words_for_a_text_operator(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, "LinkedIn SSI is at least 70")
    assert "is not a number" in save(mara, draft, fields | {f"{prefix}-values": ["seventy"]})
    assert "doesn&#x27;t suit LinkedIn SSI" in save(
        mara, draft, fields | {f"{prefix}-operator": ["contains_any"]}
    )


def test_a_page_that_is_out_of_date_is_refused_not_written(
    draft: ModelVersion, mara: Client, cast: Cast
) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, COMMENTS)
    save(client_of(cast.milo), draft, fields | {f"{prefix}-points": ["33"]})
    page = save(mara, draft, fields | {f"{prefix}-points": ["44"]})
    assert "Somebody else saved this draft meanwhile" in page
    assert rules_of(draft)["comments"].points == 33


@pytest.mark.parametrize("name", ["nina", "rob", "ada"])
def test_other_roles_do_not_edit(name: str, draft: ModelVersion, mara: Client, cast: Cast) -> None:
    _html, fields = show(mara, draft)
    other = client_of(getattr(cast, name))
    assert other.get(path(draft)).status_code in (302, 403)
    assert other.post(path(draft), {**fields, "_save": ["1"]}).status_code in (302, 403)
    assert AuditEntry.objects.filter(action="version.edited").count() == 0


def test_what_is_frozen_is_shown_elsewhere_and_not_saved(in_review: ModelVersion, mara: Client) -> None:
    answer = mara.get(path(in_review))
    assert answer.headers["Location"] == f"/models/{in_review.pk}/"
    assert mara.post(path(in_review), {"note": "x"}).headers["Location"] == f"/models/{in_review.pk}/"


def test_a_draft_made_from_every_kind_of_rule_survives_the_editor(
    cast: Cast, mara: Client, reference: Spec
) -> None:
    off = replace(reference.rules[0], key="off", enabled=False, note="Why not")
    spec = replace(
        reference,
        lists=(("target titles", ("VP", "Head of <Sales> & more")), *reference.lists[1:]),
        rules=(off, *reference.rules),
    )
    version = drafts.create(spec=spec, actor=cast.mara, at=NOW)
    expected = spec_of(version)
    _html, fields = show(mara, version)
    save(mara, version, fields)
    assert spec_of(version) == expected
    assert versions.submit(version=version, actor=cast.mara, at=NOW).state == VersionState.IN_REVIEW
