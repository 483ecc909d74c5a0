from tests.leads.work.conftest import cast, live_scale

__all__ = ("cast", "live_scale")
