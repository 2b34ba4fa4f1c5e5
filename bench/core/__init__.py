# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be wrong in an interesting way, without Odoo, processes or files; tested in tests/bench/."""
