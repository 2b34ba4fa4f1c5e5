"""The addresses of the interface: which resource, which one of it, in which format."""

from dataclasses import dataclass

FORMATS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
#: What may be done with each resource; those in ``SINGLE`` are asked for one by one as well.
METHODS = {
    "discovery": ("GET",),
    "services": ("GET",),
    "requests": ("GET", "POST"),
    "tokens": ("GET",),
    "servicerequestupdates": ("GET", "POST"),
    "photos": ("GET",),
}
SINGLE = ("services", "requests", "tokens", "photos")
LISTED = ("discovery", "services", "requests", "servicerequestupdates")


@dataclass(frozen=True)
class Target:
    """What an address names; without ``resource``, nothing. ``format`` is ``xml``, ``json`` or, for photos, ``jpg``."""

    resource: str = ""
    name: str = ""
    format: str = "xml"

    def allows(self, method):
        return ("GET" if method == "HEAD" else method) in METHODS.get(self.resource, ())


def parse(path):
    """Return the ``Target`` of *path*, which is what follows ``/open311/``.

    An address that names nothing still has a format, in which to say so.
    """
    words = path.split("/")
    last, dot, ending = words[-1].rpartition(".")
    nothing = Target(format=ending if dot and ending in FORMATS else "xml")
    words[-1] = last
    is_v2 = words[0] == "v2"
    resource, *names = words[1:] if is_v2 else words
    if not dot or resource not in METHODS or not (is_v2 or resource == "discovery"):
        return nothing
    if ending not in (("jpg",) if resource == "photos" else FORMATS):
        return nothing
    if names and (resource not in SINGLE or len(names) > 1 or not names[0]):
        return nothing
    if not names and resource not in LISTED:
        return nothing
    return Target(resource, names[0] if names else "", ending)
