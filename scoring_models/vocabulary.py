"""What a version may speak of: the attributes and signal types that this company has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from django.db import connection

from leads.models import SignalClass
from scoring_models.revision import revision_now
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
    stage: str = ""


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

    @property
    def stages(self) -> tuple[tuple[str, str], ...]:
        """The stage of each signal type that has one."""
        return tuple(sorted((key, word.stage) for key, word in self.signal_types.items() if word.stage))


def current_vocabulary() -> Vocabulary:
    """The vocabulary as the database has it now. One query, and another where it is a new one."""
    return vocabulary_of(revision_now().vocabulary)


_QUERY = """
SELECT (SELECT json_agg(json_build_array(key, label, kind, choices) ORDER BY key)::text FROM leads_attribute),
       (SELECT json_agg(json_build_array(key, label, is_engagement, signal_class, stage)
                         ORDER BY key)::text
          FROM leads_signaltype)
"""


@lru_cache(maxsize=16)
def vocabulary_of(revision: UUID) -> Vocabulary:
    """The vocabulary that has this revision now (`leads_vocabulary`). Read once: no other one ever has it."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY)
        attributes, types = cursor.fetchone()
    return Vocabulary(
        attributes={
            key: AttributeWord(label, Kind(kind), tuple(choices))
            for key, label, kind, choices in json.loads(attributes or "[]")
        },
        signal_types={
            key: SignalWord(label, is_engagement, signal_class == SignalClass.INTENT, stage)
            for key, label, is_engagement, signal_class, stage in json.loads(types or "[]")
        },
    )
