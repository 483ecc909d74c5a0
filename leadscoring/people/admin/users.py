"""Users: invited, changed and deactivated by Admins."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from leadscoring.errors import DomainError
from leadscoring.people import invitations, users
from leadscoring.people.forms import ChangeUserForm, UserForm
from leadscoring.people.models import User
from leadscoring.people.role_admin import VerbAdmin, signed_in
from leadscoring.people.roles import Role


class RoleFilter(admin.RelatedFieldListFilter):
    """Roles are kept as Django's groups, a word that nobody needs to know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("role")


@admin.register(User)
class UserAdmin(VerbAdmin[User]):
    editors = (Role.ADMIN,)
    add_title = gettext_lazy("Invite a person")
    form = ChangeUserForm
    change_form_template = "admin/people/user/change_form.html"
    list_display = ("name", "address", "role_names", "team_names", "may_sign_in", "last_seen")
    list_filter = (("groups", RoleFilter), "teams", "is_active")
    search_fields = ("name", "email")
    ordering = ("name", "email")
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.people().prefetch_related("groups", "teams")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[UserForm]:
        return ChangeUserForm if change else UserForm

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        person = ("email", "name", "roles", "teams")
        if obj is None:
            return ((None, {"fields": person}),)
        return ((None, {"fields": (*person, "is_active")}), (_("Dates"), {"fields": self.readonly_fields}))

    @admin.display(description=gettext_lazy("e-mail"), ordering="email")
    def address(self, user: User) -> str:
        return user.email

    @admin.display(description=gettext_lazy("may sign in"), ordering="is_active", boolean=True)
    def may_sign_in(self, user: User) -> bool:
        return user.is_active

    @admin.display(description=gettext_lazy("last signed in"), ordering="last_login")
    def last_seen(self, user: User) -> datetime | str:
        return user.last_login or (_("never") if user.has_usable_password() else _("invited"))

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "-"

    @admin.display(description=gettext_lazy("teams"))
    def team_names(self, user: User) -> str:
        return ", ".join(sorted(team.name for team in user.teams.all())) or "-"

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> User:
        given = {name: form.cleaned_data[name] for name in ("email", "name", "teams")}
        roles = [Role(role) for role in form.cleaned_data["roles"]]
        actor, now = signed_in(request), timezone.now()
        if change:
            active = form.cleaned_data["is_active"]
            users.change(user=form.instance, **given, roles=roles, is_active=active, actor=actor, at=now)
            return form.instance  # type: ignore[no-any-return]
        return users.invite(**given, roles=roles, actor=actor, at=now)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.show_link(request, obj)
        return HttpResponseRedirect(reverse("admin:people_user_change", args=(obj.pk,)))

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        """Stay with somebody who was deactivated: the page says which leads are still theirs."""
        if obj.is_active:
            return super().response_change(request, obj)
        self.message_user(request, _("%s may no longer sign in.") % obj, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:people_user_change", args=(obj.pk,)))

    def show_link(self, request: HttpRequest, user: User) -> None:
        """Show the Admin the person's one-time link, and mail it where that is set up."""
        url = invitations.link(user, address=request.build_absolute_uri("/"))
        sent = invitations.send(user, url=url)
        text = _("We mailed %s this link.") if sent else _("Pass this link on to %s.")
        note = _("It works once, for %s days.") % invitations.valid_for().days
        lines = ((text % user.name,), (format_html("<code>{}</code>", url),), (note,))
        self.message_user(request, format_html_join(" ", "{}", lines), messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.new_link))
        return [path("<int:user_id>/link/", view, name="people_user_link"), *super().get_urls()]

    def new_link(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Give somebody who lost password or link a new one-time link."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User.objects.people(), pk=user_id)
        try:
            invitations.renew(user=user, actor=signed_in(request), at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            self.show_link(request, user)
        return HttpResponseRedirect(reverse("admin:people_user_change", args=(user.pk,)))
