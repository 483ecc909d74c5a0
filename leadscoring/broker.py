"""The broker's transport, which survives that the broker goes away."""

from typing import Any

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis


class Channel(kombu_redis.Channel):
    """Whoever uses it after its connection was closed is told that as what it is.

    kombu fails with an AttributeError then. No worker expects that, so one that lost the broker while it had
    something to do ended, instead of connecting again.
    """

    def _connparams(self, asynchronous: bool = False) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise redis.ConnectionError("The connection to the broker is closed.")
        return super()._connparams(asynchronous)  # type: ignore[misc]  # the stubs don't know it


class Transport(kombu_redis.Transport):
    Channel = Channel


def use() -> None:
    """Let redis:// and rediss:// mean this one."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:{Transport.__name__}"
