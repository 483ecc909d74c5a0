"""What is left to do before scores mean something."""

from dataclasses import replace

import pytest
from django.utils import timezone

from scoring_models import setup_tasks
from scoring_models.setup_tasks import ListTask
from scoring_models.spec import (
    AttributeCondition,
    Dimension,
    Kind,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
)
from tests.scoring_models.live import go_live
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db


def test_lists_that_only_when_and_signals_ask_for_are_to_be_filled_too() -> None:
    where = (PropertyCondition("topic", Op.IS_ANY_OF, (), "topics"),)
    only_when = (AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, (), "countries"),)
    rule = RuleSpec("rule", Dimension.FIT, 5, SignalAtLeast(("page_view",), where=where), only_when=only_when)
    lists = (("countries", ()), ("topics", ()), ("unused", ()))
    go_live(replace(REFERENCE, rules=(rule,), lists=lists))
    assert setup_tasks.current(at=timezone.now()).lists == (
        ListTask("countries", (), ("country",)),
        ListTask("topics", (), ()),
    )
