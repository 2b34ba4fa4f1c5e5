"""Why a request is refused, for programs and for people."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong.

    ``code`` is a short word; ``parameter`` what the client sent it in, as the client calls it; ``words`` a sentence
    that is ready already.
    """

    status: int
    code: str
    parameter: str = ""
    words: str = ""


class Refused(Exception):
    """A request that is not served; ``faults`` has all that is wrong with it, at least one."""

    def __init__(self, *faults, headers=()):
        super().__init__(", ".join(f"{fault.code} {fault.parameter}".strip() for fault in faults))
        self.faults = faults
        self.headers = headers

    @property
    def status(self):
        """The HTTP status of the answer: of the first fault."""
        return self.faults[0].status
