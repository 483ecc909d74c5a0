"""What lies inside: addresses and names that aren't on the public internet. Asks no name server."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address

# Of IPv6 only global unicast is outside; mapped, NAT64, unique local, link-local and the rest lie beside it.
GLOBAL_UNICAST = ip_network("2000::/3")
# IANA's special-purpose registries (RFC 6890 and later), and 168.63.129.16, where Azure answers its machines.
INSIDE = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_LOOPBACK = ip_address("127.0.0.1")
# What the internet has no names under (RFC 6762, 8375, ICANN's .internal and its list of collisions).
_INNER_ENDINGS = (
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "lan",
    "home",
    "home.arpa",
)
# Where clouds tell a machine its secrets, under names that anybody may look up.
_METADATA = frozenset({"metadata", "instance-data", "metadata.goog", "metadata.tencentyun.com"})
_METADATA_ENDINGS = ("metadata.google.internal", "metadata.azure.internal", "ec2.internal")


def may_call(address: Address) -> bool:
    """Whether the address is on the public internet, or in a network that the settings allow."""
    if any(address in network for network in settings.OUTGOING_ALLOWED_NETWORKS):
        return True
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return not any(address in network for network in INSIDE)


def may_be_called(host: str) -> bool:
    """Whether a host may be called, as far as its text tells: an address that may be, or a name that can lead
    to one. Where the settings allow inner networks, names of these can."""
    name = host.rstrip(".").lower()
    address = _in_figures(name)
    if address is not None:
        return may_call(address)
    if name in _METADATA or _ends(name, _METADATA_ENDINGS):
        return False
    is_inner = "." not in name or _ends(name, _INNER_ENDINGS)
    return not is_inner or bool(settings.OUTGOING_ALLOWED_NETWORKS)


def _in_figures(name: str) -> Address | None:
    """The address that is written so, in any form that the system reads ("127.1"); None for a name."""
    if _ends(name, ("localhost",)):
        return _LOOPBACK  # RFC 6761: never looked up.
    with suppress(ValueError):
        return ip_address(name)
    with suppress(OSError):
        return IPv4Address(socket.inet_aton(name))
    return None


def _ends(name: str, endings: tuple[str, ...]) -> bool:
    return any(name == ending or name.endswith(f".{ending}") for ending in endings)
