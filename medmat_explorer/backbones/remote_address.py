"""Where a backbone behind a server is: `http://host:port/v1#model`, and which servers may be asked at all.

An address comes from whoever writes it into the page, and this program sends pictures, questions and a key there. So
only servers on this machine are asked until MEDMAT_ENDPOINTS names others.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from medmat_explorer.errors import BackboneError

SCHEMES = ("http", "https")
LONGEST = 500
FORM = "Write it as http://host:port/v1#model."
METADATA_HOSTS = {"metadata", "metadata.google.internal", "100.100.100.200", "fd00:ec2::254"}
"""Besides link-local addresses, where clouds hand out a machine's own credentials to whoever asks from within."""

Place = tuple[str, int | None, str]
"""A host in small letters, a port (None: any) and a path without its last slash."""


@dataclass(frozen=True)
class RemoteAddress:
    """A server's address, in the form that clients take as base, and the name under which it knows the model."""

    base: str
    model: str

    @property
    def text(self) -> str:
        """How it is written, and recorded as the backbone's id."""
        return f"{self.base}#{self.model}"

    @property
    def server(self) -> str:
        """Host and port, for sentences."""
        return urlsplit(self.base).netloc

    @property
    def host(self) -> str:
        """The host in small letters, without brackets."""
        return urlsplit(self.base).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether it names this machine."""
        return is_loopback(self.host)


def looks_remote(text: str) -> bool:
    """Whether a backbone's name is meant as the address of a server."""
    return "://" in text


def parse_address(text: str) -> RemoteAddress:
    """The address behind its text. Raises BackboneError with one sentence; a password in it is not repeated."""
    if len(text) > LONGEST or any(character.isspace() or not character.isprintable() for character in text):
        raise BackboneError(f"The address of a backbone has blanks, or more than {LONGEST} characters. {FORM}")
    parts = _split(text)
    if "@" in parts.netloc:
        raise BackboneError(
            f"The address of a backbone must hold no user name and no password: put the key into MEDMAT_API_KEY. {FORM}"
        )
    if parts.query:
        raise BackboneError(f"The address of a backbone must hold no '?' and what follows it. {FORM}")
    if parts.scheme.lower() not in SCHEMES or not parts.hostname:
        raise BackboneError(f"'{text}' is no address of a server: only http and https are spoken. {FORM}")
    if any(part in (".", "..") for part in unquote(parts.path).split("/")):
        raise BackboneError(f"The address of a backbone must hold no '..'. {FORM}")
    if not parts.fragment:
        raise BackboneError(f"'{text}' does not say which model is asked. {FORM}")
    base = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
    return RemoteAddress(base, parts.fragment)


def refusal_of(address: RemoteAddress, endpoints: str) -> str:
    """Why the server must not be asked, in one sentence; empty when it may.

    `endpoints` are prefixes of addresses, separated by commas: `https://api.openai.com/v1`, `http://gpu-7` (any port),
    `https://` (any host). A host is compared whole, a path by its parts. This machine is always allowed, a cloud's
    metadata address only by name.
    """
    named = [entry for entry in map(str.strip, endpoints.split(",")) if entry]
    fitting = [entry for entry in named if _covers(entry, address)]
    if not any(_place(entry)[1][0] for entry in fitting) and is_metadata(address.host):
        return (
            f"{address.server} is an address where clouds keep a machine's credentials, and is not asked. "
            "If a backbone runs there, name it in MEDMAT_ENDPOINTS."
        )
    if fitting or address.is_local:
        return ""
    allowed = ", ".join(named) or "servers on this machine"
    return (
        f"The server {address.server} may not be asked (allowed: {allowed}). Whoever runs this program can allow it: "
        f"MEDMAT_ENDPOINTS={address.base}"
    )


def refusal_of_resolved(address: RemoteAddress, endpoints: str) -> str:
    """The same once the host's name is looked up: no name may lead to a metadata address that is not named itself.

    Empty too for a name that is not found; asking it will tell.
    """
    if named := refusal_of(address, endpoints):
        return named
    try:
        found = socket.getaddrinfo(address.host, None, proto=socket.IPPROTO_TCP)
    except OSError:
        return ""
    hidden = sorted({str(entry[4][0]) for entry in found if is_metadata(str(entry[4][0]))} - {address.host})
    if not hidden:
        return ""
    return f"{address.host} leads to {hidden[0]}, where clouds keep a machine's credentials, and is not asked."


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1, in their plain spellings only."""
    if host == "localhost":
        return True
    number = _number(host)
    return number is not None and number.is_loopback


def is_metadata(host: str) -> bool:
    """Whether a host is link-local or a known metadata address."""
    number = _number(host)
    return host in METADATA_HOSTS or (number is not None and (number.is_link_local or str(number) in METADATA_HOSTS))


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    inner = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return inner or number


def _split(text: str) -> SplitResult:
    """Raises BackboneError for brackets that do not close and ports that are none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise BackboneError(f"The address of a backbone has a port or brackets that cannot be read. {FORM}") from None
    return parts


def _place(entry: str) -> tuple[str, Place]:
    """Scheme and place of an allowed prefix."""
    scheme, _, rest = entry.partition("://")
    parts = _split(f"//{rest}")
    return scheme.lower(), (parts.hostname or "", parts.port, parts.path.rstrip("/"))


def _covers(entry: str, address: RemoteAddress) -> bool:
    scheme, (host, port, path) = _place(entry)
    asked = urlsplit(address.base)
    default = {"http": 80, "https": 443}[asked.scheme]
    return (
        scheme == asked.scheme
        and host in ("", asked.hostname)
        and port in (None, asked.port or default)
        and (asked.path == path or asked.path.startswith(f"{path}/"))
    )
