# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measured scenarios, side by side in one run: ``./civic bench``; docs/performance.md says how and why."""
