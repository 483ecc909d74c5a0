"""Golden leads: examples kept with a version, whose band or score it must get right.

They are scored as if they came at the moment of the check (`imagined`). A version with a red one is not
approved; drafts may have them for as long as somebody works on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.scorer import Band
from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models.draft_rows import golden_row
from scoring_models.evaluation import Detail
from scoring_models.imagined import Imagined, check_readable, details
from scoring_models.locks import locked
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, require
from scoring_models.scales import band_of
from scoring_models.spec import GoldenLead, Spec

MOST = 100  # a page checks them all while somebody waits
NAMED = 3  # a refusal names so many, and counts the rest


@dataclass(frozen=True, slots=True)
class Check:
    """What a version says of a golden lead. `refused` is why it can't say anything, "" where it can."""

    lead: GoldenLead
    expected: str
    total: int | None
    band: Band | None
    refused: str = ""

    @property
    def is_green(self) -> bool:
        """Whether both are as expected, where both are."""
        lead = self.lead
        return (
            self.band is not None
            and lead.expect_band in (None, self.band.key)
            and lead.expect_score in (None, self.total)
        )

    @property
    def name(self) -> str:
        return self.lead.name

    @property
    def got(self) -> str:
        """What it says instead, in words."""
        if self.band is None:
            return self.refused or _("is not scored by this model")
        return _("is %(band)s with %(total)d") % {"band": self.band.name, "total": self.total}


def checked(spec: Spec, *, as_of: datetime) -> list[dict[str, object]]:
    """What `check` says in words, as plain data that can be kept as evidence."""
    names = ("name", "expected", "got", "is_green")
    return [{name: getattr(each, name) for name in names} for each in check(spec, as_of=as_of)]


def check(spec: Spec, *, as_of: datetime) -> list[Check]:
    """Every golden lead of a version, in its order. Raises DomainError("cannot_compute")."""
    leads = [Imagined(lead.attributes, lead.signals) for lead in spec.golden]
    try:
        found = details(spec, leads, as_of=as_of) if leads else []
    except DomainError as error:
        if error.code != "cannot_read":
            raise
        return [_check_alone(spec, lead, as_of) for lead in spec.golden]
    return [_check(spec, lead, each) for lead, each in zip(spec.golden, found, strict=True)]


def _check_alone(spec: Spec, lead: GoldenLead, as_of: datetime) -> Check:
    """One golden lead, so that another one that can't be read any more doesn't stand in its way."""
    try:
        [found] = details(spec, [Imagined(lead.attributes, lead.signals)], as_of=as_of)
    except DomainError as error:
        return Check(lead, _expected(spec, lead), None, None, error.sentence)
    return _check(spec, lead, found)


def _check(spec: Spec, lead: GoldenLead, found: Detail) -> Check:
    """What came out; nothing where the lead isn't one whom the version scores."""
    if not found.is_scored:
        return Check(lead, _expected(spec, lead), None, None)
    return Check(lead, _expected(spec, lead), found.total, band_of(spec, found.band))


def refuse_red(spec: Spec, *, as_of: datetime) -> None:
    """Raises DomainError("golden_red") where a version gets a golden lead wrong, saying which and how."""
    red = [each for each in check(spec, as_of=as_of) if not each.is_green]
    if not red:
        return
    said = " ".join(
        _("“%(name)s” should be %(expected)s and %(got)s.")
        % {"name": each.lead.name, "expected": each.expected, "got": each.got}
        for each in red[:NAMED]
    )
    more = _(" And %(count)d more.") % {"count": len(red) - NAMED} if len(red) > NAMED else ""
    raise DomainError("golden_red", _("Golden leads come out wrong: %(said)s") % {"said": said} + more)


def add(*, version: ModelVersion, lead: GoldenLead, actor: User, at: datetime) -> None:
    """Keep a golden lead with a draft.

    Raises DomainError: `not_a_draft`, `golden_twice`, `too_many`, `nothing_expected`, `no_band`, and
    `cannot_read` for an attribute that there is not.
    """
    require(actor, Step.DRAFT)
    with acting(actor):
        draft = _locked_draft(version)
        _refuse_unfit(lead, draft)
        check_readable(Imagined(lead.attributes, lead.signals))
        golden_row(draft, lead).save(force_insert=True)
        record(action="version.golden_added", target=draft, actor=actor, at=at, number=draft.number)


def remove(*, version: ModelVersion, name: str, actor: User, at: datetime) -> None:
    """Take a golden lead from a draft. Raises DomainError: `not_a_draft`, `golden.not_found`."""
    require(actor, Step.DRAFT)
    with acting(actor):
        draft = _locked_draft(version)
        removed, _by_model = draft.golden.filter(name=name).delete()
        if not removed:
            raise DomainError("golden.not_found", _("This draft has no golden lead of that name."))
        record(action="version.golden_removed", target=draft, actor=actor, at=at, number=draft.number)


def _locked_draft(version: ModelVersion) -> ModelVersion:
    draft = locked(version)
    if draft.state != VersionState.DRAFT:
        raise DomainError(
            "not_a_draft", _("Golden leads change only with a draft. Start one from this version.")
        )
    return draft


def _refuse_unfit(lead: GoldenLead, draft: ModelVersion) -> None:
    if draft.golden.filter(name=lead.name).exists():
        raise DomainError(
            "golden_twice", _("This draft has a golden lead of that name. Choose another name.")
        )
    if draft.golden.count() >= MOST:
        raise DomainError("too_many", _("A version has at most %(most)d golden leads.") % {"most": MOST})
    if lead.expect_band is None and lead.expect_score is None:
        raise DomainError("nothing_expected", _("Say which band or which score is expected."))
    if lead.expect_band is not None and not draft.bands.filter(key=lead.expect_band).exists():
        raise DomainError("no_band", _("This draft has no such band."))


def _expected(spec: Spec, lead: GoldenLead) -> str:
    names = {band.key: band.name for band in spec.bands}
    parts: Sequence[str] = (
        *([names.get(lead.expect_band, lead.expect_band)] if lead.expect_band else ()),
        *([str(lead.expect_score)] if lead.expect_score is not None else ()),
    )
    return _(" with ").join(parts)
