"""How many requests a caller may make: a bucket that fills evenly and holds one minute's worth.

It is in the database, without which no request is answered anyway, so that all web servers share it and
nothing new can fail. One statement decides, and a refused request writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from leadscoring.api.models import Bucket
from leadscoring.prepared import prepared_cursor

MINUTE = 60

_FULL = """LEAST(%(limit)s::float8,
    b.tokens + GREATEST(extract(epoch FROM clock_timestamp() - b.filled_at), 0) * %(limit)s / 60.0)"""
_TAKE = f"""
INSERT INTO api_bucket AS b (caller, tokens, filled_at)
VALUES (%(caller)s::text, %(limit)s::float8 - 1, clock_timestamp())
ON CONFLICT (caller) DO UPDATE SET tokens = {_FULL} - 1, filled_at = clock_timestamp()
 WHERE {_FULL} >= 1
RETURNING tokens
"""
_LEFT = f"SELECT {_FULL} FROM api_bucket b WHERE caller = %(caller)s::text"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has. `wait` is the seconds until a refused request would pass; 0 where it passed."""

    limit: int
    remaining: int
    wait: int

    @property
    def reset(self) -> int:
        """Seconds until the bucket is full again."""
        return ceil((self.limit - self.remaining) * MINUTE / self.limit)

    def headers(self) -> dict[str, str]:
        """What every answer tells a caller of its rate."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={MINUTE}",
        }
        return told | ({"Retry-After": str(self.wait)} if self.wait else {})


def take(caller: str, *, limit: int) -> Allowance:
    """Count one request of a caller who may make `limit` a minute."""
    parameters: dict[str, str | int] = {"caller": caller, "limit": limit}
    with prepared_cursor() as cursor:
        cursor.execute(_TAKE, parameters)
        row = cursor.fetchone()
        if row is not None:
            return Allowance(limit, int(row[0]), 0)
        cursor.execute(_LEFT, parameters)
        [(left,)] = cursor.fetchall()
    return Allowance(limit, 0, max(1, ceil((1 - left) * MINUTE / limit)))


def forget(*, at: datetime) -> int:
    """Remove the buckets that nobody took from for an hour, which are full again; how many they were."""
    return Bucket.objects.filter(filled_at__lte=at - timedelta(hours=1)).delete()[0]
