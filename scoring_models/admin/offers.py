"""What the forms of one page may choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leads.models import Attribute, SignalType
from scoring_models.models import ModelVersion


@dataclass(frozen=True, slots=True)
class Offers:
    """Attributes by id, signal types and named lists; asked of the database once."""

    attributes: Mapping[str, Attribute]
    signal_types: Sequence[tuple[str, str]]
    lists: Sequence[str]

    @classmethod
    def of(cls, version: ModelVersion) -> "Offers":
        return cls(
            attributes={str(row.pk): row for row in Attribute.objects.order_by("label")},
            signal_types=list(SignalType.objects.order_by("label").values_list("key", "label")),
            lists=list(version.lists.order_by("pk").values_list("name", flat=True)),
        )
