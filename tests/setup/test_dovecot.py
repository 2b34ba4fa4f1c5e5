# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail server that tests fetch from: only the packages that were tried, and whoever runs the tests may start it."""

import hashlib
import importlib.machinery
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.common.imap import find_dovecot
from tests.common.processes import ROOT, unlimited_memory

#: A mail is laid into the box of a server that this very user runs; the environment names another.
AS_ANYBODY = """\
import sys
from common.imap import ImapServer
server = ImapServer(sys.argv[1])
try:
    server.put([b"Subject: one\\r\\n\\r\\nHello\\r\\n"])
    print(server.count_new(), "new")
finally:
    server.stop()
"""


@pytest.fixture(scope="module")
def civic():
    loader = importlib.machinery.SourceFileLoader("civic_command", str(ROOT / "civic"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_a_package_that_is_another_than_the_pinned_one_is_refused(civic, tmp_path):
    deb = tmp_path / "dovecot-core_1.0_amd64.deb"
    deb.write_bytes(b"what Debian has now")
    with pytest.raises(civic.Problem, match="refused"):
        civic.refuse_unpinned(deb, civic.DOVECOT)


def test_the_pinned_package_is_taken_and_others_beside_it(civic, tmp_path):
    pinned, other = tmp_path / "dovecot-core_1.0_amd64.deb", tmp_path / "libfoo_1.0_amd64.deb"
    for deb in (pinned, other):
        deb.write_bytes(deb.name.encode())
    pins = {"dovecot-core": hashlib.sha256(pinned.read_bytes()).hexdigest()}
    assert civic.refuse_unpinned(pinned, pins) is None and civic.refuse_unpinned(other, pins) is None


@pytest.fixture
def open_folder():
    """A folder that every user may enter, with what the fixture needs: the checkout may lie where they may not go."""
    with tempfile.TemporaryDirectory(prefix="civic-anybody-", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        (place / "common").mkdir()
        for name in ("__init__", "imap", "processes"):
            shutil.copy(ROOT / "tests" / "common" / f"{name}.py", place / "common")
        yield place


def test_an_ordinary_user_can_start_it(open_folder):
    become = []
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        become = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    dovecot, python = find_dovecot(), Path(sys._base_executable)
    with unlimited_memory():
        done = subprocess.run(
            [*become, python, "-B", "-c", AS_ANYBODY, dovecot],
            env={"PATH": os.defpath, "PYTHONPATH": str(open_folder), "LOGNAME": "root", "USER": "root", "HOME": "/"},
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )
    assert done.stdout == "1 new\n", done.stderr
