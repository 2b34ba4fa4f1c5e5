# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two years of life for the demo city, from a seed: what happened (``history``, pure) and its records (``write``).

The same seed on the same day makes the same history. Nothing imports this package but ``./civic run``,
``./civic demo`` and the tests: an installed city never loads it.
"""
