"""One meaning of qualified: what a band means, agreed by one person of marketing and one of sales.

An agreement is about words. Another version with the same words keeps it; other words are asked about again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.models import BandAgreement, ModelVersion, ScoringModel, VersionState
from scoring_models.spec import BandSpec, Spec
from scoring_models.spec_text import thaw

Side = BandAgreement.Side
ROLES: dict[Side, tuple[Role, ...]] = {
    Side.MARKETING: (Role.MARKETING,),
    Side.SALES: (Role.REP, Role.MANAGER),
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """Whether a side agrees on a band's words: by whom, or nobody yet."""

    side: Side
    agreement: BandAgreement | None


@dataclass(frozen=True, slots=True)
class BandWords:
    """A band, and who agreed on what it means."""

    band: BandSpec
    sides: tuple[Agreed, ...]

    def may_agree(self, user: User) -> tuple[Side, ...]:
        """The sides for which this user may still agree."""
        if not self.band.means or any(one.agreement and one.agreement.person == user for one in self.sides):
            return ()
        return tuple(one.side for one in self.sides if not one.agreement and user.has_role(*ROLES[one.side]))


def band_words(model: ScoringModel, spec: Spec) -> tuple[BandWords, ...]:
    """The bands of a version from the lowest up, with the agreements on their words. One query."""
    made = {
        (one.band_key, one.means, one.side): one for one in model.agreements.select_related("person").all()
    }
    return tuple(
        BandWords(band, tuple(Agreed(side, made.get((band.key, band.means, side))) for side in Side))
        for band in spec.bands
    )


def unagreed_bands(spec: Spec, made: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The names of the bands on whose words not both sides agree; `made` are (key of a band, words, side)."""
    agreed = {tuple(one) for one in made}
    return tuple(
        band.name for band in spec.bands if any((band.key, band.means, side) not in agreed for side in Side)
    )


def agree(
    *, version: ModelVersion, band_key: str, means: str, side: Side, actor: User, at: datetime
) -> BandAgreement:
    """Agree for one side that a band of a frozen version means what it says.

    Raises DomainError: `not_allowed`, `not_frozen`, `changed_since` where its words aren't `means`, and
    `agreed_already` where this side has agreed or the same person for the other one.
    """
    if not actor.has_role(*ROLES[side]):
        raise DomainError("not_allowed", _("Only the role %(roles)s may do this.") % {"roles": _names(side)})
    if version.state in (VersionState.DRAFT, VersionState.REJECTED):
        raise DomainError("not_frozen", _("Its words may still change. Send the version for approval first."))
    words = {band.key: band.means for band in thaw(version.frozen).bands}
    if not means or words.get(band_key) != means:
        raise DomainError("changed_since", _("The words of this band changed. Read them again."))
    with acting(actor):
        model = ScoringModel.objects.select_for_update().get(pk=version.model_id)
        _refuse_again(model, band_key, means, side, actor)
        made = BandAgreement.objects.create(
            model=model, band_key=band_key, means=means, side=side, person=actor, at=at
        )
        digest = sha256(means.encode()).hexdigest()
        record(action="band.agreed", target=made, actor=actor, at=at, band=band_key, side=side, words=digest)
    return made


def _refuse_again(model: ScoringModel, band_key: str, means: str, side: Side, actor: User) -> None:
    made = BandAgreement.objects.filter(model=model, band_key=band_key, means=means)
    if made.filter(side=side).exists():
        raise DomainError("agreed_already", _("Somebody has agreed on this for your side already."))
    if made.filter(person=actor).exists():
        raise DomainError("agreed_already", _("You agreed for the other side. Ask a second person."))


def _names(side: Side) -> str:
    return " / ".join(ROLES[side])
