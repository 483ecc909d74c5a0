"""What a web server has loaded stays as long as it serves: the garbage collector need not look through it.

A full collection of all that Django, its apps and the addresses hold takes 0.1 s, and would come over some
request in twenty or so. What is made for a request mostly goes with it, without being looked for: to look
each time that there are 700 things is an eighth of the time that a page takes in Python.
"""

import gc
from importlib import import_module

from django.conf import settings

# How many things are made before it is looked which of them are garbage, and how often it is looked further.
THRESHOLDS = (50_000, 20, 20)


def settle() -> None:
    """Load what the addresses lead to, and leave all that is there now to the end of the process."""
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
