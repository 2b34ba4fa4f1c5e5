# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each addon by itself on a fresh database: install, test by Odoo's own runner, uninstall; with and without demo data.

    ./civic exec python tools/install_check.py [ADDON...]

A warning or error that Odoo logs while installing or uninstalling fails, but for those in ALLOWED. Logs are kept
in .state/install/.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(os.environ["CIVIC_ROOT"])
LOGS = Path(os.environ["CIVIC_STATE"], "install")
DATABASE = f"{os.environ['CIVIC_TEST_PREFIX']}install"
CHECKLOG = LOGS / "checklog.cfg"

# What may be logged, each with its reason.
ALLOWED = (
    # PostgreSQL and Odoo both run as one user here; production's container has a user of its own.
    r"Running as user 'root' is a security risk",
)


class Failed(Exception):
    """One line: what failed, and in which log."""


def odoo(log, *arguments):
    """Run Odoo with its log in a file of its own, and look for warnings and errors in that."""
    path = LOGS / log
    with open(path, "w", encoding="utf-8") as out:
        command = [sys.executable, "-m", "odoo", *arguments]
        status = subprocess.run(command, check=False, stdout=out, stderr=out).returncode
    if status:
        errors = re.findall(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) \S+ (.*)", path.read_text(encoding="utf-8"), re.M)
        raise Failed("\n    ".join([f"status {status}, see {path}", *errors[:10]]))
    checked = subprocess.run(
        ["checklog-odoo", "--config", str(CHECKLOG), str(path)], check=False, capture_output=True, text=True
    )
    if checked.returncode:
        raise Failed(f"warnings or errors in {path}:\n{checked.stdout[-4000:]}{checked.stderr[-1000:]}")
    return path.read_text(encoding="utf-8")


def psql(*statements, database=DATABASE):
    command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]
    command += [word for statement in statements for word in ("-c", statement)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def install(addon, demo):
    name = f"{addon}-{'demo' if demo else 'plain'}"
    options = ["--with-demo"] if demo else []
    odoo(f"{name}-install.log", "-d", DATABASE, "-i", addon, *options, "--no-http", "--stop-after-init")
    return name


def run_tests(addon, name):
    """By Odoo's own runner, which finds what a test folder forgets to import; counts from its summary."""
    words = ["-d", DATABASE, "-u", addon, "--test-tags", f"/{addon}", "--stop-after-init"]
    log = odoo(f"{name}-test.log", *words)
    found = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log)
    if not found:
        raise Failed(f"Odoo's runner found no test in {addon}")
    return f"{found[-1][2]} tests"


def uninstall(addon, name):
    odoo(f"{name}-uninstall.log", "module", "uninstall", "-d", DATABASE, addon)
    state = psql(f"select state from ir_module_module where name = '{addon}'")
    if state != "uninstalled":
        raise Failed(f"{addon} is {state} after its uninstallation")
    left = psql(f"select count(*) from ir_model_data where module = '{addon}'")
    if left != "0":
        raise Failed(f"{addon} left {left} records behind")


def check(addon, demo, tested):
    start = time.monotonic()
    psql("set client_min_messages = warning", f'drop database if exists "{DATABASE}" with (force)', database="postgres")
    name = install(addon, demo)
    told = run_tests(addon, name) if tested else "not tested again"
    uninstall(addon, name)
    print(f"  {name}: installed, {told}, uninstalled in {time.monotonic() - start:.0f} s", flush=True)


def main():
    LOGS.mkdir(exist_ok=True)
    CHECKLOG.write_text("[checklog-odoo]\nignore=\n" + "".join(f"  {pattern}\n" for pattern in ALLOWED), "utf-8")
    addons = sys.argv[1:] or sorted(path.parent.name for path in ROOT.glob("addons/*/__manifest__.py"))
    failed = 0
    for addon in addons:
        for demo in (False, True):
            try:
                check(addon, demo, tested=not demo)
            except Failed as failure:
                failed += 1
                print(f"  {addon}, {'with' if demo else 'without'} demo data: FAILED, {failure}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
