"""What a person heard in a conversation: the properties of a `sales_conversation` signal.

Rules read them by `where`, as those of any signal. What rules compare is from closed lists, the rest is free.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadscoring.errors import DomainError

LONGEST = 1000


class BuyingStage(models.TextChoices):
    AWARENESS = "awareness", gettext_lazy("Learns about the problem")
    CONSIDERATION = "consideration", gettext_lazy("Compares solutions")
    DECISION = "decision", gettext_lazy("Decides between vendors")


class Budget(models.TextChoices):
    NONE = "none", gettext_lazy("None")
    PLANNED = "planned", gettext_lazy("Planned")
    APPROVED = "approved", gettext_lazy("Approved")


class Timing(models.TextChoices):
    MONTH = "month", gettext_lazy("Within a month")
    QUARTER = "quarter", gettext_lazy("Within a quarter")
    YEAR = "year", gettext_lazy("Within a year")
    LATER = "later", gettext_lazy("Later, or open")


CLOSED: Mapping[str, type[models.TextChoices]] = {
    "buying_stage": BuyingStage,
    "budget": Budget,
    "timing": Timing,
}
LABELS: Mapping[str, Any] = {
    "buying_stage": gettext_lazy("Where they are"),
    "budget": gettext_lazy("Budget"),
    "timing": gettext_lazy("When they want to decide"),
    "pain_points": gettext_lazy("What hurts"),
    "goals": gettext_lazy("What they want to reach"),
}
PROPERTIES = tuple(LABELS)
# What most signals say, whatever their type.
COMMON: Mapping[str, Any] = {
    "path": gettext_lazy("Page"),
    "content": gettext_lazy("Content"),
    "topic": gettext_lazy("Topic"),
    "format": gettext_lazy("Format"),
    "campaign": gettext_lazy("Campaign"),
    "is_question": gettext_lazy("A question"),
    "text": gettext_lazy("What they wrote"),
}


def checked(learned: Mapping[str, str]) -> dict[str, str]:
    """What was learned, without what is empty. Raises DomainError `outcome.learned`."""
    for name, value in learned.items():
        known = name in LABELS and len(value) <= LONGEST
        if not known or (value and name in CLOSED and value not in CLOSED[name].values):
            raise DomainError("outcome.learned", _("This isn't something to keep of a conversation."))
    return {name: value.strip() for name, value in learned.items() if value.strip()}


def in_words(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of any signal as people read them: the common ones and those of conversations by labels."""
    named = {**COMMON, **LABELS}
    return {str(named.get(name, name)): _value(name, value) for name, value in properties.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    closed = CLOSED.get(name)
    return closed(value).label if closed is not None and value in closed.values else value
