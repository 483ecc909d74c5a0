"""Within how many hours each team answers leads of each band, and setting it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.models.response import GREATEST_HOURS
from leads.response.targets import SALES, Targets, current_targets, set_response_times
from leads.scorer import Band
from leads.views.answers import answer, back, deed_for, page_for, signed_in
from leads.views.setting_changes import done_to_setting
from leadscoring.errors import DomainError
from leadscoring.people.hours import in_words
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role

SETTERS = (Role.MANAGER, Role.ADMIN)
PAGE = "/response-times/"


class TimesForm(forms.Form):
    """A number of hours for each band that sales works; empty for the model's own."""

    def __init__(self, team: Team, targets: Targets, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id=f"team_{team.pk}_%s")
        self.team, self.bands = team, targets.scales.bands(worked_by=SALES)
        for band in self.bands:
            self.fields[band.key] = forms.IntegerField(
                label=band.name,
                required=False,
                min_value=1,
                max_value=GREATEST_HOURS,
                initial=targets.own.get((team.pk, band.key)),
                help_text=_of_model(band),
            )

    @property
    def hours_in_words(self) -> str:
        return in_words(self.team)


@page_for(*SETTERS)
def response_times(request: HttpRequest) -> HttpResponse:
    """The response times of the teams that this person may set them for."""
    targets = current_targets()
    teams = _teams(signed_in(request))
    return _page(request, [TimesForm(team, targets) for team in teams])


@deed_for(*SETTERS)
def set_times(request: HttpRequest, team_id: int) -> HttpResponse:
    """Set those of one team; what can't be is said at its field."""
    user, team = signed_in(request), get_object_or_404(Team, pk=team_id)
    targets = current_targets()
    form = TimesForm(team, targets, request.POST)
    if not form.is_valid():
        if not access.may_set_team(user, team):
            raise DomainError("response.not_yours", _("This is another team."))
        others = [TimesForm(other, targets) if other != team else form for other in _teams(user)]
        return _page(request, others, status=422)
    at = timezone.now()
    changed = set_response_times(team=team, hours=form.cleaned_data, actor=user, at=at)
    said = _("Saved. Clocks that run follow in a moment.") if changed else _("Nothing was changed.")
    done_to_setting(request, said, at=at)
    return back(request, PAGE)


def _page(request: HttpRequest, teams: list[TimesForm], *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"teams": teams}
    return answer(request, "leads/response_times.html", context, status=status)


def _teams(user: User) -> list[Team]:
    return [team for team in Team.objects.order_by("name") if access.may_set_team(user, team)]


def _of_model(band: Band) -> str:
    hours = band.respond_within_hours
    return _("The model says %(hours)d.") % {"hours": hours} if hours else _("The model says nothing.")
