"""What can be known about a lead or its account: the standard attributes and those a company defines."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("yes or no")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")


class Entity(models.TextChoices):
    LEAD = "lead", _("the person")
    ACCOUNT = "account", _("the company")


class Attribute(models.Model):
    """One attribute. A standard one is a typed column of its table; another lives in `facts`."""

    key = models.CharField(
        max_length=60,
        unique=True,
        validators=(
            RegexValidator(r"^[a-z][a-z0-9_]*$", "Use small letters, digits and _, a letter first."),
        ),
        help_text="What rules, imports and the API call it, for example total_visits.",
    )
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    entity = models.CharField("describes", max_length=10, choices=Entity, default=Entity.LEAD)
    choices = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="For a choice: the values it may have.",
    )
    standard = models.BooleanField(default=False, editable=False)
    derived = models.BooleanField(
        default=False,
        editable=False,
        help_text="Computed from signals, unless a person says otherwise later.",
    )

    def __str__(self) -> str:
        return self.label
