"""What a web server has loaded stays as long as it serves: the garbage collector need not look through it.

A full collection of all that Django, its apps and the addresses hold takes 0.1 s, and would come over some
request in twenty or so.
"""

import gc
from importlib import import_module

from django.conf import settings


def settle() -> None:
    """Load what the addresses lead to, and leave all that is there now to the end of the process."""
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
