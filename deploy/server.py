#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Odoo's command line, wherever Odoo is installed.

Not 'python -m odoo': with workers Odoo starts itself once more for the live bus, by the name of the script that it
was started with, and a package's __main__.py cannot be started like that.
"""

from odoo.cli import main

main()
