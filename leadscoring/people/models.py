"""Users, teams and who belongs to them. Roles are groups (`roles.py`)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leadscoring.people.roles import Role
from leadscoring.prepared import prepared_cursor

# What a team is taken for until its Admin says otherwise.
LEADS_A_REP_A_DAY = 20
LARGE_OVERRIDE_BANDS = 2
SECOND_LOOK_PERCENT = 2

SYSTEM_EMAIL = "system@leadscoring.invalid"

_BELONGS_TO = """
SELECT ARRAY(SELECT g.name FROM people_user_groups ug JOIN auth_group g ON g.id = ug.group_id
              WHERE ug.user_id = %(user)s::bigint),
       ARRAY(SELECT team_id FROM people_membership WHERE user_id = %(user)s::bigint ORDER BY team_id),
       COALESCE((SELECT t.time_zone FROM people_membership m JOIN people_team t ON t.id = m.team_id
                  WHERE m.user_id = %(user)s::bigint ORDER BY t.id LIMIT 1), 'UTC')
"""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def system(self) -> "User":
        """The actor of what no person started: set-up and commands without `--as`."""
        return self.get(email=SYSTEM_EMAIL)

    def people(self) -> "QuerySet[User]":
        """Everybody but the system."""
        return self.exclude(email=SYSTEM_EMAIL)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField("may sign in", default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    shortcuts_on = models.BooleanField(
        "keyboard shortcuts", default=True, help_text="Single keys that work on the pages."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="people_user_email_any_case"),)

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def _belongs_to(self) -> tuple[frozenset[str], tuple[int, ...], str]:
        """Names of groups, ids of teams and the first team's time zone: pages ask for all, so one query."""
        with prepared_cursor() as cursor:
            cursor.execute(_BELONGS_TO, {"user": self.pk})
            [(names, team_ids, zone)] = cursor.fetchall()
        return frozenset(names), tuple(team_ids), zone

    @property
    def roles(self) -> frozenset[str]:
        return self._belongs_to[0]

    def has_role(self, *roles: Role) -> bool:
        """Whether this active user holds at least one of `roles`; a superuser holds all."""
        return self.is_active and (self.is_superuser or not self.roles.isdisjoint(roles))

    @property
    def is_staff(self) -> bool:
        """Whether the admin site lets this user in."""
        return self.has_role(Role.MARKETING, Role.MANAGER, Role.ADMIN)

    @property
    def team_ids(self) -> tuple[int, ...]:
        return self._belongs_to[1]

    @property
    def time_zone(self) -> str:
        """The time zone in which this person's days begin and end: that of their first team."""
        return self._belongs_to[2]

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    is_default = models.BooleanField(
        "default team", default=False, help_text="Gets the leads that no routing entry names a team for."
    )
    leads_a_rep_a_day = models.PositiveSmallIntegerField(
        "leads a rep a day",
        default=LEADS_A_REP_A_DAY,
        validators=(MinValueValidator(1), MaxValueValidator(1_000)),
        help_text="How many leads one rep can work in a day: what a review compares the queue with.",
    )
    large_override_bands = models.PositiveSmallIntegerField(
        "large override",
        default=LARGE_OVERRIDE_BANDS,
        validators=(MinValueValidator(1), MaxValueValidator(20)),
        help_text="From how many bands up or down a manager looks at an override afterwards.",
    )
    second_look_percent = models.PositiveSmallIntegerField(
        "second looks",
        default=SECOND_LOOK_PERCENT,
        validators=(MaxValueValidator(20),),
        help_text="Percent of what reps work in a day that goes to leads drawn at random; 0 for none.",
    )
    time_zone = models.CharField(
        max_length=60, default="UTC", help_text="Opening hours and holidays are by this clock."
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",), condition=models.Q(is_default=True), name="people_one_default_team"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="people_member_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class OpeningHours(models.Model):
    """When a team is at work on one day of the week; a team without any is always at work.

    Minutes of the day by the team's own clock; 1440 is midnight at its end.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("team", "weekday"), name="people_hours_of_a_day"),
            models.CheckConstraint(
                condition=models.Q(weekday__lt=7, opens__lt=models.F("closes"), closes__lte=24 * 60),
                name="people_hours_in_order",
            ),
        )


class Holiday(models.Model):
    """A day on which a team is not at work."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "day"), name="people_holiday_once"),)


class SettingChange(models.Model):
    """What somebody changed in a setting of a person or team (`subject_id`), so that they can undo it.

    `before` and `after` have the values that differ, by the names that the setting's verb gives them.
    """

    class Of(models.TextChoices):
        SHORTCUTS = "shortcuts", _("keyboard shortcuts")
        NOTICES = "notices", _("notices")
        TEAM = "team", _("team")
        RESPONSE_TIMES = "response_times", _("response times")

    class Verb(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")

    of = models.CharField(max_length=20, choices=Of)
    subject_id = models.BigIntegerField()
    verb = models.CharField(max_length=10, choices=Verb)
    name = models.CharField(max_length=100, blank=True, help_text="Of the team; empty for a person's own.")
    before = models.JSONField()
    after = models.JSONField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("actor", "-at"), name="people_setting_change_by"),)
