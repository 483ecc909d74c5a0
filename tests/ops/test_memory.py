import gc
from collections.abc import Iterator

import pytest

from leadscoring.ops import memory


@pytest.fixture
def thawed() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("thawed")
def test_what_a_server_has_loaded_is_no_longer_looked_through() -> None:
    loaded = len(gc.get_objects())
    memory.settle()
    assert gc.get_freeze_count() >= loaded / 2
    assert len(gc.get_objects()) < loaded / 2
