# SPDX-License-Identifier: AGPL-3.0-or-later
"""A plain table for the console."""

HEADER = ("", "CPU ms", "range", "queries", "wall ms", "CPU ratio")


def summary_row(name, summary, ratio=None):
    return (
        name,
        f"{summary.cpu_ms:.1f}",
        f"{summary.cpu_least:.1f}–{summary.cpu_most:.1f}",
        "" if summary.queries is None else f"{summary.queries:.4g}",
        f"{summary.wall_ms:.1f}",
        "" if ratio is None else f"{ratio:.2f}",
    )


def render(rows, header=HEADER):
    """Return the lines: the first column to the left, figures to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = []
    for row in table:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines
