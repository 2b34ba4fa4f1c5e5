# SPDX-License-Identifier: AGPL-3.0-or-later
"""A city that has grown: its data by SQL, and what its people do with it, inside one Odoo process a side."""
