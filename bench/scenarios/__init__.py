# SPDX-License-Identifier: AGPL-3.0-or-later
"""One file each: a docstring that says what is measured against what, and ``run(options)``."""

import pkgutil


def names():
    return sorted(module.name for module in pkgutil.iter_modules(__path__))
