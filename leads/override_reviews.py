"""Managers look at large overrides afterwards: keep one as seen, or end it with a comment.

An override counts from the moment it is set; nobody waits for a review. Nobody reviews their own.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from leads import access, overrides
from leads.models import Activity, Override, OverrideReview
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

Verdict = OverrideReview.Verdict
_OF_OVERRIDE = OverrideReview.objects.filter(override=OuterRef("pk"), undone_at=None)


def large(user: User) -> QuerySet[Override]:
    """The large overrides of the teams that this person manages, over ones included, in no order.

    Not those that were taken back in the moment they began: they never counted.
    """
    counted = Override.objects.filter(is_large=True, ends_at__gt=F("starts_at"))
    return counted.filter(lead__in=access.managed_leads(user))


def waiting(user: User) -> QuerySet[Override]:
    """Those that nobody has reviewed yet, one's own included, which somebody else has to review."""
    return large(user).filter(~Exists(_OF_OVERRIDE))


def to_review(user: User) -> QuerySet[Override]:
    """Those that wait for this person."""
    return waiting(user).exclude(author=user)


# How many those are, of the person and their teams: in the statement that every page asks.
TO_REVIEW = """
SELECT count(*) FROM leads_override o JOIN leads_lead l ON l.id = o.lead_id
 WHERE o.is_large AND o.ends_at > o.starts_at AND o.author_id <> %(person)s
   AND (l.team_id IS NULL OR l.team_id = ANY (%(teams)s::bigint[]))
   AND NOT EXISTS (SELECT FROM leads_overridereview r WHERE r.override_id = o.id AND r.undone_at IS NULL)"""


def reviewed(user: User) -> QuerySet[Override]:
    """Those that a manager has seen."""
    return large(user).filter(Exists(_OF_OVERRIDE))


def review_of(override: Override) -> OverrideReview | None:
    """What a manager said of it, if one did."""
    standing = OverrideReview.objects.filter(override=override, undone_at=None)
    return standing.select_related("reviewer").first()


@transaction.atomic
def review(
    *, override_id: int, verdict: Verdict, actor: User, at: datetime, comment: str = ""
) -> OverrideReview:
    """Keep a large override as seen, or end it, which takes a comment; its author is told.

    Raises DomainError: `override.not_found`, `lead.not_found`, `override.not_yours` (no manager of the
    team), `override.own`, `override.not_large`, `override.reviewed`, `override.comment`, `override.ended`.
    """
    found = Override.objects.filter(pk=override_id).first()
    if found is None:
        raise DomainError("override.not_found", _("There is no such override."))
    lead = access.lock_to_see(actor, found.lead_id)
    override = Override.objects.select_related("lead", "author").get(pk=override_id)
    if not access.manages(actor, lead):
        raise DomainError("override.not_yours", _("Overrides are reviewed by managers of the lead's team."))
    _check(override, verdict, comment, actor=actor, at=at)
    said = OverrideReview.objects.create(
        override=override, reviewer=actor, verdict=verdict, comment=comment.strip(), at=at
    )
    if verdict is Verdict.END:
        overrides.end(override, actor=actor, at=at)
    verb = Activity.Verb.OVERRIDE_ENDED if verdict is Verdict.END else Activity.Verb.OVERRIDE_KEPT
    Activity.objects.create(lead=lead, actor=actor, verb=verb, at=at, override=override, note=comment.strip())
    record(action="override.reviewed", target=override, actor=actor, at=at, lead=lead.pk, verdict=verdict)
    return said


def take_back(override: Override, *, actor: User, at: datetime) -> bool:
    """Undo that somebody kept it, so that it waits again; whether there was anything to undo.

    Lock the lead first.
    """
    said = review_of(override)
    if said is None or said.verdict != Verdict.KEEP:
        return False
    said.undone_at = at
    said.save(update_fields=("undone_at",))
    record(action="override.review_undone", target=override, actor=actor, at=at, lead=override.lead_id)
    return True


def check_may_resume(override: Override, *, actor: User) -> None:
    """Raises DomainError `override.own` where a manager's review ended this person's own override."""
    said = review_of(override)
    if said is not None and said.verdict == Verdict.END and override.author_id == actor.pk:
        raise DomainError(
            "override.own", _("A review ended your override. Only another manager undoes that.")
        )


def _check(override: Override, verdict: Verdict, comment: str, *, actor: User, at: datetime) -> None:
    if override.author_id == actor.pk:
        raise DomainError("override.own", _("Nobody reviews their own override. Another manager does."))
    if not override.is_large:
        raise DomainError("override.not_large", _("This override is not large enough to be reviewed."))
    if said := review_of(override):
        raise DomainError(
            "override.reviewed", _("%(person)s has reviewed this already.") % {"person": said.reviewer}
        )
    if verdict is Verdict.END and not comment.strip():
        raise DomainError("override.comment", _("Say why it ends, so that its author learns from it."))
    if verdict is Verdict.END and not override.starts_at <= at < override.ends_at:
        raise DomainError("override.ended", _("This override has already ended."))
