"""How many wrong keys an address may send.

A right key is let in whatever else its address sends: checking one costs a look-up by index, and nobody can
lock out the others behind their proxy. Wrong ones are counted by address, and more strictly by address and
prefix, which is somebody who guesses the secret of one key. They are answered 429 once that is used up.
"""

import hashlib
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from leadscoring.api import keys
from leadscoring.api.models import ApiKey
from leadscoring.api.problems import Problem
from leadscoring.api.rate_limit import Allowance, take

OF_AN_ADDRESS = 120  # a minute
OF_A_PREFIX = 10  # a minute, from one address
NETWORK = 64  # bits of an IPv6 address that one customer of a provider has


def find_or_refuse(text: str, *, address: str, at: datetime) -> ApiKey:
    """The key of that text, its use noted. Raises AuthenticationFailed, or Problem 429 after too many."""
    key = keys.find(text, at=at)
    if key is None:
        refused = count(text, address=address)
        if refused:
            said = _("Too many wrong keys came from your address. Go on in %(seconds)d s.")
            words = {"seconds": refused.wait}
            raise Problem(429, "key.too_many_wrong", said % words, headers=refused.headers())
        raise AuthenticationFailed(_("This key isn't valid. It may have expired or been revoked."))
    keys.note_use(key, at=at)
    return key


def count(text: str, *, address: str) -> Allowance | None:
    """Count a wrong key; what is left of an allowance that it used up, None while there are some."""
    network, prefix = _network(address), keys.prefix_of(text)
    counted = [(f"{network} {prefix}", OF_A_PREFIX)] if prefix else []
    for name, limit in (*counted, (network, OF_AN_ADDRESS)):
        allowance = take(f"wrong:{hashlib.sha256(name.encode()).hexdigest()[:32]}", limit=limit)
        if allowance.wait:
            return allowance
    return None


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:  # such as the empty one of a Unix socket
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, NETWORK), strict=False))
