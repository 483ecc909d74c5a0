"""The manager's page of large overrides: which wait to be seen, and what was said of the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import override_reviews
from leads.manager_forms import ReviewForm
from leads.models import Override, OverrideReason, OverrideReview
from leads.override_reviews import Verdict
from leads.scorer import Band, Scales, scorer
from leads.views.answers import answer, back, deed_for, done, page_for, signed_in
from leads.views.filters import Option, Pill, changed, pill
from leads.views.keys import key_of
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Reviewable:
    """A large override with what may be done about it."""

    override: Override
    review: OverrideReview | None
    is_running: bool
    is_own: bool
    before: Band | None
    after: Band | None
    set_to: Band | None


@page_for(Role.MANAGER)
def overrides_page(request: HttpRequest) -> HttpResponse:
    """Large overrides of the teams that this person manages, the latest first."""
    user, now, query = signed_in(request), timezone.now(), request.GET
    scales = scorer().scales()
    chosen = _shown(query)
    found = _filtered(_LISTS[chosen](user), query).order_by("-pk")
    rows = list(found[: PAGE_SIZE + 1])
    context = {
        "rows": [_row(override, scales, user, now) for override in rows[:PAGE_SIZE]],
        "next": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "tabs": _tabs(query, user, chosen),
        "filters": _pills(query, user),
        "filtered": any(query.get(name) for name in ("author", "team", "reason")),
        "chosen": chosen,
        "now": now,
        "form": ReviewForm(),
    }
    return answer(request, "leads/overrides.html", context)


@deed_for(Role.MANAGER)
def review(request: HttpRequest, override_id: int) -> HttpResponse:
    """Keep an override as seen, or end it with a comment."""
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise DomainError("override.comment", _("Say in the comment, in a few words, what you decided."))
    said = override_reviews.review(
        override_id=override_id,
        verdict=Verdict(form.cleaned_data["verdict"]),
        actor=signed_in(request),
        at=timezone.now(),
        comment=form.cleaned_data["comment"],
    )
    logged = said.override.lead.activities.filter(actor=said.reviewer, override=said.override).latest("pk")
    done(request, _SAID[Verdict(said.verdict)]() % {"lead": said.override.lead}, undo=logged.pk)
    return back(request, "/team/overrides/")


_SAID: dict[Verdict, Callable[[], str]] = {
    Verdict.KEEP: lambda: _("Kept. The override of %(lead)s goes on to its end."),
    Verdict.END: lambda: _("Ended. The model's score of %(lead)s counts again, and the author is told why."),
}
_LISTS: dict[str, Callable[[User], QuerySet[Override]]] = {
    "": override_reviews.waiting,
    "reviewed": override_reviews.reviewed,
    "all": override_reviews.large,
}


def _shown(query: QueryDict) -> str:
    shown = query.get("show", "")
    return shown if shown in _LISTS else ""


def _filtered(overrides: QuerySet[Override], query: QueryDict) -> QuerySet[Override]:
    for name, column in (("author", "author"), ("team", "lead__team"), ("after", "pk__lt")):
        if (number := key_of(query.get(name, ""))) is not None:
            overrides = overrides.filter(**{column: number})
    if query.get("reason") in OverrideReason.values:
        overrides = overrides.filter(reason=query["reason"])
    said = OverrideReview.objects.filter(undone_at=None).select_related("reviewer")
    return overrides.select_related("lead__account", "author", "ended_by").prefetch_related(
        Prefetch("reviews", queryset=said, to_attr="standing")
    )


def _row(override: Override, scales: Scales, user: User, now: datetime) -> Reviewable:
    said: Sequence[OverrideReview] = getattr(override, "standing", ())
    bands = {} if override.model_version is None else _keyed(scales, override.model_version)
    before = bands.get(override.model_band)
    return Reviewable(
        override,
        said[0] if said else None,
        is_running=override.starts_at <= now < override.ends_at,
        is_own=override.author_id == user.pk,
        before=before,
        after=_moved(before, override.jump, bands),
        set_to=bands.get(override.band),
    )


def _keyed(scales: Scales, version_id: int) -> dict[str, Band]:
    return {band.key: band for band in scales.of(version_id).bands} if scales.live else {}


def _moved(band: Band | None, jump: int | None, bands: Mapping[str, Band]) -> Band | None:
    if band is None or jump is None:
        return None
    return next((one for one in bands.values() if one.rank == band.rank + jump), None)


def _tabs(query: QueryDict, user: User, chosen: str) -> list[Option]:
    labels = {
        "": _("Waiting %(count)d") % {"count": override_reviews.waiting(user).count()},
        "reviewed": _("Reviewed"),
        "all": _("All"),
    }
    return [Option(label, changed(query, show=key), key == chosen) for key, label in labels.items()]


def _pills(query: QueryDict, user: User) -> list[Pill]:
    authors = (
        User.objects.filter(overrides__in=override_reviews.large(user)).distinct().order_by("name", "pk")
    )
    pills = [pill(query, "author", _("Author"), [(str(one.pk), str(one)) for one in authors])]
    teams = Team.objects.filter(pk__in=user.team_ids).order_by("name")
    if len(user.team_ids) > 1:
        pills.append(pill(query, "team", _("Team"), [(str(team.pk), team.name) for team in teams]))
    reasons = [(key, str(label)) for key, label in OverrideReason.choices]
    return [*pills, pill(query, "reason", _("Reason"), reasons)]
