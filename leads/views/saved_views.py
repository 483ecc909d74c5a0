"""Saved views: open, keep, change and delete them."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import SavedView
from leads.queue import saved_views
from leads.queue.filters import kept
from leads.views.answers import LEAD_WORKERS, answer, back, deed_for, form_for, page_for, signed_in
from leads.views.list_changes import done_to_list
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User


class ViewForm(forms.Form):
    """What a view is called and who sees it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=saved_views.LONGEST_NAME)
    team = forms.ModelChoiceField(
        label=gettext_lazy("Who sees it"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=gettext_lazy("Only me"),
    )

    def __init__(self, data: object = None, *, user: User, view: SavedView | None = None) -> None:
        first = {} if view is None else {"name": view.name, "team": view.team_id}
        super().__init__(data, initial=first)  # type: ignore[arg-type]
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(pk__in=user.team_ids).order_by("name")

    @property
    def team_id(self) -> int | None:
        team: Team | None = self.cleaned_data["team"]
        return None if team is None else team.pk


@page_for(*LEAD_WORKERS)
def views(request: HttpRequest) -> HttpResponse:
    """All views that this person may open."""
    user = signed_in(request)
    listed = [
        {"view": view, "may_delete": saved_views.may_delete(view, user), "mine": view.owner_id == user.pk}
        for view in saved_views.listed(user)
    ]
    return answer(request, "leads/saved_views.html", {"listed": listed})


@page_for(*LEAD_WORKERS)
def open_view(request: HttpRequest, slug: str) -> HttpResponse:
    """A view's own address, which leads to the queue with its filters."""
    view = saved_views.get(slug=slug, user=signed_in(request))
    return HttpResponseRedirect(address_of(view))


@form_for(*LEAD_WORKERS)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list that the address's query names."""
    user, now = signed_in(request), timezone.now()
    form = ViewForm(request.POST or None, user=user)
    if form.is_valid():
        try:
            view = saved_views.save(
                name=form.cleaned_data["name"],
                query=request.GET.urlencode(),
                team_id=form.team_id,
                actor=user,
                at=now,
            )
        except DomainError as refusal:
            form.add_error(None, refusal.sentence)
        else:
            done_to_list(request, _("Saved as “%(view)s”.") % {"view": view}, at=now)
            return HttpResponseRedirect(address_of(view))
    context = {"form": form, "heading": _("Save this list"), "next": f"/queue/?{kept(request.GET)}"}
    return answer(request, "leads/view_form.html", context, status=422 if form.is_bound else 200)


@form_for(*LEAD_WORKERS)
def change_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a view another name, or share it with others."""
    user, now = signed_in(request), timezone.now()
    view = saved_views.get(slug=slug, user=user)
    form = ViewForm(request.POST or None, user=user, view=view)
    if form.is_valid():
        try:
            view = saved_views.change(
                slug=slug,
                name=form.cleaned_data["name"],
                team_id=form.team_id,
                actor=user,
                at=now,
            )
        except DomainError as refusal:
            form.add_error(None, refusal.sentence)
        else:
            done_to_list(request, _("Changed: “%(view)s”.") % {"view": view}, at=now)
            return HttpResponseRedirect("/queue/views/")
    context = {"form": form, "heading": _("Name and share"), "view": view, "next": "/queue/views/"}
    return answer(request, "leads/view_form.html", context, status=422 if form.is_bound else 200)


@deed_for(*LEAD_WORKERS)
def replace_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a view stand for the list that one looks at."""
    now, query = timezone.now(), request.GET.urlencode()
    view = saved_views.replace_list(slug=slug, query=query, actor=signed_in(request), at=now)
    done_to_list(request, _("“%(view)s” has these filters from now on.") % {"view": view}, at=now)
    return HttpResponseRedirect(address_of(view))


@deed_for(*LEAD_WORKERS)
def delete_view(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    saved_views.delete(slug=slug, actor=signed_in(request), at=now)
    done_to_list(request, _("The view is deleted. Its leads are as they were."), at=now)
    return back(request, "/queue/views/")


def address_of(view: SavedView) -> str:
    """The queue with a view's filters, and its name."""
    return f"/queue/?{view.query}&view={view.slug}"
