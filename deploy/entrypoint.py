#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""First program of the Odoo containers: puts the settings together, then becomes Odoo.

    entrypoint.py serve [ODOO OPTION...]     the web server, or the node of scheduled work
    entrypoint.py migrate                    install or update, see migrate.py
    entrypoint.py smtp                       incoming mail, see smtp.py
    entrypoint.py odoo COMMAND [...]         any Odoo command, such as 'odoo shell'

Settings come from CIVIC_CONF (deploy/odoo.conf). A variable ODOO_CONF_<option> replaces an option, and
ODOO_CONF_<option>_FILE does so with the content of a file, which is how secrets arrive: they are then neither in
the image, nor in 'docker inspect', nor in the list of processes. Empty variables change nothing.
"""

import configparser
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PREFIX = "ODOO_CONF_"


def settings_from(environment):
    """The options that the environment sets, as a dictionary; secrets are read from their files."""
    settings = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or not value:
            continue
        option = name.removeprefix(PREFIX)
        if option.endswith("_FILE"):
            option = option.removesuffix("_FILE")
            value = read_secret(name, value)
        settings[option.lower()] = value
    return settings


def read_secret(name, path):
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise SystemExit(
            f"{name}: the secret {path} cannot be read ({problem.strerror}); see deploy/secrets."
        ) from None
    if not secret:
        raise SystemExit(f"{name}: the secret {path} is empty; see deploy/secrets.")
    return secret


def write_conf(environment):
    """Write the settings to a file that only this user reads; return its path."""
    parser = configparser.RawConfigParser()
    parser.read_string(Path(environment.get("CIVIC_CONF") or HERE / "odoo.conf").read_text(encoding="utf-8"))
    for option, value in settings_from(environment).items():
        parser.set("options", option, value)
    # mkstemp makes the file readable by its owner only, and never follows what lies there already.
    handle, path = tempfile.mkstemp(prefix="civic-", suffix=".conf")
    with open(handle, "w", encoding="utf-8") as file:
        parser.write(file)
    return path


def main(arguments):
    command, *rest = arguments or ["serve"]
    os.environ["ODOO_RC"] = write_conf(os.environ)
    programs = {
        "serve": [str(HERE / "server.py"), *rest],
        "odoo": [str(HERE / "server.py"), *rest],
        "migrate": [str(HERE / "migrate.py"), *rest],
        "smtp": [str(HERE / "smtp.py"), *rest],
    }
    if command not in programs:
        raise SystemExit(f"'{command}' is none of {', '.join(programs)}.")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *programs[command]])


if __name__ == "__main__":
    main(sys.argv[1:])
