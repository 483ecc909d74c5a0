"""What the engine must know about this installation, read from the database."""

import json
from functools import lru_cache
from uuid import UUID

from django.db import connection

from leads.models import Entity
from scoring_models.engine.catalogue import Catalogue, StoredAttribute, Table
from scoring_models.revision import revision_now
from scoring_models.spec import Kind

_TABLES = {Entity.LEAD: Table.LEAD, Entity.ACCOUNT: Table.ACCOUNT}
_TEXTS = """
SELECT
(SELECT COALESCE(json_agg(json_build_array(key, id) ORDER BY key), '[]')::text FROM leads_signaltype),
(SELECT COALESCE(json_agg(json_build_array(key, kind, entity, standard, derived) ORDER BY key), '[]')::text
   FROM leads_attribute)
"""


def load_catalogue() -> Catalogue:
    """Signal types and attributes as they are now. One query, and another where they are new ones."""
    return _catalogue(*revision_now())


@lru_cache(maxsize=16)
def _catalogue(vocabulary: UUID, merges: bool) -> Catalogue:
    """The catalogue of the vocabulary that has this revision now. Read once: no other one ever has it."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS)
        types, attributes = cursor.fetchone()
    return Catalogue(
        types=tuple((key, type_id) for key, type_id in json.loads(types)),
        attributes=tuple(
            StoredAttribute(key, Kind(kind), _TABLES[Entity(entity)], key if standard else None, derived)
            for key, kind, entity, standard, derived in json.loads(attributes)
        ),
        merges=merges,
    )
