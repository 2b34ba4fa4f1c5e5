# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pack recount.py and what it needs into one file that Python runs, the same bytes each time.

python3 pack_recount.py recount.pyz; then anybody: python3 recount.pyz FILE. It is a zip: open it to read it. The
same bytes each time, so that its SHA-256 can be published beside it.
"""

import sys
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
CORE = TOOLS.parent / "core"
NEEDED = ("__init__.py", "ballot_csv.py", "chain.py", "election.py", "pabulib.py")


def pack(file):
    """Write the archive to *file*, a path or a binary file."""
    files = {"__main__.py": TOOLS / "recount.py"}
    files |= {f"core/{name}": CORE / name for name in NEEDED}
    files |= {f"core/counting/{path.name}": path for path in sorted((CORE / "counting").glob("*.py"))}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    pack(sys.argv[1])
