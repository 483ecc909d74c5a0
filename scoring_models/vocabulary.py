"""What a version may speak of: the attributes and signal types that this company has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leads.models import Attribute, SignalClass, SignalType
from scoring_models.spec import Kind


@dataclass(frozen=True, slots=True)
class AttributeWord:
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalWord:
    label: str
    is_engagement: bool = False
    is_intent: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Attributes and signal types by key. A version keeps keys; their labels are only for people."""

    attributes: Mapping[str, AttributeWord] = field(default_factory=dict)
    signal_types: Mapping[str, SignalWord] = field(default_factory=dict)

    def attribute_label(self, key: str) -> str:
        """What people call an attribute; its key where it is gone."""
        word = self.attributes.get(key)
        return word.label if word else key

    def signal_label(self, key: str) -> str:
        """What people call a signal type; its key where it is gone."""
        word = self.signal_types.get(key)
        return word.label if word else key

    @property
    def engagement_types(self) -> tuple[str, ...]:
        return tuple(sorted(key for key, word in self.signal_types.items() if word.is_engagement))

    @property
    def intent_types(self) -> tuple[str, ...]:
        return tuple(sorted(key for key, word in self.signal_types.items() if word.is_intent))


def current_vocabulary() -> Vocabulary:
    """The vocabulary as the database has it now. Two queries."""
    return Vocabulary(
        attributes={
            row.key: AttributeWord(row.label, Kind(row.kind), tuple(row.choices))
            for row in Attribute.objects.order_by("key")
        },
        signal_types={
            row.key: SignalWord(row.label, row.is_engagement, row.signal_class == SignalClass.INTENT)
            for row in SignalType.objects.order_by("key")
        },
    )
