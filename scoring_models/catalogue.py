"""What the engine must know about this installation, read from the database."""

from leads.models import Attribute, Entity, SignalType
from scoring_models.engine.catalogue import Catalogue, StoredAttribute, Table
from scoring_models.spec import Kind

_TABLES = {Entity.LEAD: Table.LEAD, Entity.ACCOUNT: Table.ACCOUNT}


def load_catalogue() -> Catalogue:
    """Signal types and attributes as they are now. Two queries."""
    attributes = Attribute.objects.order_by("key").values_list("key", "kind", "entity", "standard", "derived")
    return Catalogue(
        types=tuple(SignalType.objects.order_by("key").values_list("key", "id")),
        attributes=tuple(
            StoredAttribute(key, Kind(kind), _TABLES[Entity(entity)], key if standard else None, derived)
            for key, kind, entity, standard, derived in attributes
        ),
    )
