"""Forms for users, teams and accepting an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from leadscoring.errors import DomainError
from leadscoring.people.hours_form import HoursForm
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from leadscoring.people.teams import DEFAULT_STAYS
from leadscoring.people.users import check_admin_stays

ROLES_HELP = _(
    "A Rep works the queue. Marketing writes versions and imports. A Manager approves versions. "
    "An Admin lets people in."
)


class UserForm(forms.ModelForm[User]):
    """A person as an Admin sees them; without passwords, which are the person's own."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, help_text=ROLES_HELP
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Reps and Managers see the leads of their teams."),
    )

    class Meta:
        model = User
        fields = ("email", "name")
        labels = {"email": _("E-mail address"), "name": _("Name")}  # noqa: RUF012 (Django's own form of it)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["roles"].initial = sorted(self.instance.roles)
            self.fields["teams"].initial = self.instance.teams.all()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class ChangeUserForm(UserForm):
    class Meta(UserForm.Meta):
        fields = ("email", "name", "is_active")  # type: ignore[assignment]
        labels = UserForm.Meta.labels | {"is_active": _("May sign in")}
        help_texts = {  # noqa: RUF012
            "is_active": _("Take this away to deactivate a person. Nobody is deleted: what they did stays.")
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and "roles" in cleaned:
            try:
                with transaction.atomic():
                    check_admin_stays(
                        user=self.instance, roles=cleaned["roles"], is_active=bool(cleaned.get("is_active"))
                    )
            except DomainError as refusal:
                raise forms.ValidationError(refusal.sentence, code=refusal.code) from refusal
        return cleaned


class TeamForm(HoursForm):
    """A team as an Admin sees it."""

    people = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=User.objects.people().filter(is_active=True).order_by("name", "email"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    default_team = forms.BooleanField(
        label=_("Default team"),
        required=False,
        help_text=_("Gets the leads that no line of the routing list names a team for."),
    )

    class Meta(HoursForm.Meta):
        fields = ("name", "leads_a_rep_a_day", "large_override_bands", "second_look_percent")
        labels = {  # noqa: RUF012
            "leads_a_rep_a_day": _("Leads a rep can work in a day"),
            "large_override_bands": _("Bands that make an override large"),
            "second_look_percent": _("Second looks, in percent"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["people"].initial = self.instance.members.all()
            self.fields["default_team"].initial = self.instance.is_default

    def clean_default_team(self) -> bool:
        if self.instance.is_default and not self.cleaned_data["default_team"]:
            raise forms.ValidationError(DEFAULT_STAYS)
        return bool(self.cleaned_data["default_team"])


class AcceptInvitationForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic at run time
    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "new_password1", "new_password2")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["name"].initial = user.name
