# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs of others that talk to the city, run as their makers ship them: in processes of their own."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from .processes import ROOT

REQUIREMENTS = ROOT / "requirements" / "clients.txt"


def packages():
    """The folder with other people's clients, installed once for each change of their versions."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    folder = Path(os.environ["CIVIC_STATE"]) / f"clients-{digest}"
    if not folder.is_dir():
        fresh = folder.with_suffix(f".{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", fresh]
        subprocess.run([*command, "-r", REQUIREMENTS], check=True)
        fresh.rename(folder)
    return folder


def run_client(script, *arguments):
    """Run a Python script that prints JSON, with those clients to import; return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.fspath(packages())},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
