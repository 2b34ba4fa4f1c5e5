# SPDX-License-Identifier: AGPL-3.0-or-later
"""A city's vote over a participatory budget, made up, and the processes that count it."""
