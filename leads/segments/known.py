"""What conditions can be about: attributes and types of signals, by one query for all conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS

from leads.models import Attribute, SignalType
from leadscoring.prepared import prepared_cursor

_OF_ATTRIBUTE = ("id", "key", "label", "kind", "entity", "choices", "standard", "derived")
_OF_TYPE = ("id", "key", "label")
_QUERY = f"""
SELECT true AS is_attribute, {", ".join(_OF_ATTRIBUTE)} FROM leads_attribute WHERE NOT derived
UNION ALL
SELECT false, {", ".join(_OF_TYPE)}, '', '', '{{}}', false, false FROM leads_signaltype
 ORDER BY entity, label, key
"""


@dataclass(frozen=True, slots=True)
class Known:
    """By key, in the order in which people choose among them. Of a type of signal just its name is loaded."""

    attributes: Mapping[str, Attribute]
    types: Mapping[str, SignalType]


def all_known() -> Known:
    """All that there are, but for derived attributes."""
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, {})
        rows = cursor.fetchall()
    attributes = [
        Attribute.from_db(DEFAULT_DB_ALIAS, _OF_ATTRIBUTE, row) for is_attribute, *row in rows if is_attribute
    ]
    types = [
        SignalType.from_db(DEFAULT_DB_ALIAS, _OF_TYPE, row[: len(_OF_TYPE)])
        for is_attribute, *row in rows
        if not is_attribute
    ]
    return Known({one.key: one for one in attributes}, {one.key: one for one in types})
