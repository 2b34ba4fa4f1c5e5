# SPDX-License-Identifier: AGPL-3.0-or-later
"""Targets, and whether what was measured meets them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Something that shall be at most *limit*; never wall time, which the neighbours make."""

    name: str
    measured: float
    limit: float

    @property
    def met(self):
        return self.measured <= self.limit

    def __str__(self):
        word = "met" if self.met else "MISSED"
        return f"{self.name}: {self.measured:.2f}, at most {self.limit:.2f}: {word}"


def missed(targets):
    return [target for target in targets if not target.met]
