#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bring the database to the code of this image, before anything is served from it.

On an empty database the addons are installed; on an existing one those are updated whose files are not the ones
that the database was last brought to, Odoo's own included. Then the languages are activated, the administrator's
well-known first password is replaced, and the public address is set. Safe to run at every start: with nothing to
do it changes nothing. Two at once wait for each other. Any failure ends with a status other than 0 and a sentence
that says what is wrong, and the services that wait for this one do not start.

    CIVIC_MODULES              addons to have installed (default: Civic CRM's three)
    CIVIC_LANGUAGES            what citizens and staff may choose from (default es_ES,en_US)
    CIVIC_ADMIN_PASSWORD_FILE  secret for the login 'admin' while it still has Odoo's default
    CIVIC_BASE_URL             https://…, what links in mails start with
    CIVIC_DB_WAIT              seconds to wait for PostgreSQL (120)
    CIVIC_ALLOW_DEMO           1: serve a database with demo data, whose logins have well-known passwords

The database and its server come from ODOO_RC.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

import odoo.release
from odoo import SUPERUSER_ID, api
from odoo.modules.module import get_module_path, initialize_sys_path
from odoo.modules.registry import Registry
from odoo.sql_db import connection_info_for
from odoo.tools import config

DEFAULT_MODULES = "civic_crm,civic_participation,civic_portal"
DEFAULT_LANGUAGES = "es_ES,en_US"
CHECKSUMS = "civic.deploy.checksums"
SHORTEST_PASSWORD = 12
PENDING = ("to install", "to upgrade", "to remove")


def say(text):
    print(f"migrate: {text}", flush=True)


def words(variable, default):
    return [word.strip() for word in (os.environ.get(variable) or default).split(",") if word.strip()]


# ------------------------------------------------------------------------------------------ the database server


def connect(database):
    _, info = connection_info_for(database)
    connection = psycopg2.connect(**info)
    connection.autocommit = True
    return connection


def wait_for_server(seconds):
    """A connection to the maintenance database, as soon as the server takes one."""
    deadline = time.monotonic() + seconds
    told = False
    while True:
        try:
            return connect("postgres")
        except psycopg2.OperationalError as problem:
            # A wrong password is a fact that waiting does not change.
            if "authentication failed" in str(problem) or time.monotonic() > deadline:
                raise SystemExit(f"migrate: PostgreSQL does not let us in: {str(problem).strip()}") from None
            if not told:
                say("waiting for PostgreSQL")
                told = True
            time.sleep(0.5)


@contextlib.contextmanager
def alone(server, database):
    """Hold a lock that every other migration of this database waits for; it goes with the connection."""
    key = f"civic-migrate-{database}"
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [key])
        if not cursor.fetchone()[0]:
            say("another migration is at work; waiting for it")
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [key])
        yield


def read_state(server, database):
    """Which modules are in which state and what they were last brought to; both empty for a new database."""
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if not cursor.fetchone():
            return {}, {}
    with contextlib.closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('ir_module_module'), to_regclass('ir_config_parameter')")
        if not all(cursor.fetchone()):
            return {}, {}
        cursor.execute("SELECT name, state FROM ir_module_module WHERE state IN %s", [("installed", *PENDING)])
        states = dict(cursor.fetchall())
        cursor.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [CHECKSUMS])
        row = cursor.fetchone()
        return states, json.loads(row[0]) if row else {}


def refuse_demo_data(database, states):
    if not states or os.environ.get("CIVIC_ALLOW_DEMO") == "1":
        return
    with contextlib.closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ir_module_module WHERE demo AND name LIKE 'civic%' ORDER BY name")
        demo = [name for (name,) in cursor.fetchall()]
    if demo:
        raise SystemExit(
            f"migrate: {', '.join(demo)}: this database holds demo data, whose logins have well-known passwords. "
            "Start from an empty database, or set CIVIC_ALLOW_DEMO=1 for a trial that no citizen can reach."
        )


# ------------------------------------------------------------------------------------------ what has changed


def checksum(module, languages):
    """A hash of the files that a database is made from; None when the addon is not in this image.

    Left out: static files (read from disk when served), tests, and languages nobody uses here.
    """
    folder = get_module_path(module, display_warning=False)
    if not folder:
        return None
    folder = Path(folder)
    translations = {f"{part}.po" for code in languages for part in (code, code.split("_")[0])}
    hasher = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in ("static", "tests") or "__pycache__" in parts or not path.is_file():
            continue
        if parts[0] in ("i18n", "i18n_extra") and path.name not in translations:
            continue
        if path.suffix not in (".py", ".xml", ".csv", ".po", ".sql", ".yml", ".yaml", ".json", ".html"):
            continue
        hasher.update("/".join(parts).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return hasher.hexdigest()


def plan(wanted, states, known, current):
    """What Odoo must install and update, as two sorted lists.

    Work that a crash left half done ("to …") is taken up again. Modules that have gone from the image are left
    to Odoo's own complaint.
    """
    install = {name for name in wanted if states.get(name) not in ("installed", "to upgrade")}
    install |= {name for name, state in states.items() if state == "to install"}
    update = {
        name
        for name, state in states.items()
        if state == "to upgrade" or (state == "installed" and current.get(name) and current[name] != known.get(name))
    }
    if "to remove" in states.values():
        update.add("base")
    return sorted(install), sorted(update)


def run_odoo(database, install, update, languages):
    command = [sys.executable, str(Path(__file__).with_name("server.py")), "-c", os.environ["ODOO_RC"], "-d", database]
    command += ["--stop-after-init", "--no-http", "--workers=0", "--max-cron-threads=0", "--limit-memory-hard=0"]
    if install:
        command += ["-i", ",".join(install), f"--load-language={','.join(languages)}"]
    if update:
        command += ["-u", ",".join(update)]
    status = subprocess.run(command, check=False).returncode
    if status:
        raise SystemExit(f"migrate: Odoo could not install or update (status {status}); its log above says why.")


def require_done(wanted, states):
    """Odoo ends with status 0 even when it has left modules out."""
    missing = sorted(name for name in wanted if states.get(name) != "installed")
    if missing:
        raise SystemExit(f"migrate: not installed: {', '.join(missing)}. Is the name right, and are they in the image?")
    pending = sorted(f"{name} ({state})" for name, state in states.items() if state in PENDING)
    if pending:
        raise SystemExit(f"migrate: left half done: {', '.join(pending)}. Odoo's log above says why.")


# ------------------------------------------------------------------------------------------ settings in the data


@contextlib.contextmanager
def environment(database):
    """Odoo's environment as superuser; what is done in it is kept when it ends without an error."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def activate_languages(env, codes):
    languages = env["res.lang"].with_context(active_test=False).search([("code", "in", codes)])
    unknown = set(codes) - set(languages.mapped("code"))
    if unknown:
        raise SystemExit(f"migrate: Odoo knows no language {', '.join(sorted(unknown))}; see CIVIC_LANGUAGES.")
    new = languages.filtered(lambda language: not language.active)
    if new:
        say(f"activating {', '.join(new.mapped('code'))}")
        env["base.language.install"].create({"lang_ids": new.ids, "overwrite": False}).lang_install()


def replace_default_password(env):
    """Never serve a city with admin/admin."""
    admin = env.ref("base.user_admin", raise_if_not_found=False)
    if not admin:
        return
    env.cr.execute("SELECT password FROM res_users WHERE id = %s", [admin.id])
    stored = env.cr.fetchone()[0]
    if not stored or not admin._crypt_context().verify("admin", stored):
        return
    path = os.environ.get("CIVIC_ADMIN_PASSWORD_FILE")
    try:
        secret = Path(path or "").read_text(encoding="utf-8").strip()
    except OSError:
        secret = ""
    if len(secret) < SHORTEST_PASSWORD:
        raise SystemExit(
            "migrate: 'admin' still has Odoo's first password, and CIVIC_ADMIN_PASSWORD_FILE "
            f"({path or 'not set'}) holds none of at least {SHORTEST_PASSWORD} characters to replace it."
        )
    admin.write({"password": secret})
    say(f"the password of '{admin.login}' is now the one in the secret")


def set_base_url(env):
    address = (os.environ.get("CIVIC_BASE_URL") or "").rstrip("/")
    parameters = env["ir.config_parameter"]
    if not address:
        return
    # Frozen: otherwise Odoo takes the address from wherever an administrator last logged in.
    for key, value in {"web.base.url": address, "web.base.url.freeze": "True"}.items():
        if parameters.get_param(key) != value:
            parameters.set_param(key, value)
            say(f"{key} is now {value}")


def main():
    config.parse_config(["-c", os.environ["ODOO_RC"]], setup_logging=True)
    initialize_sys_path()
    database = config["db_name"][0]
    wanted = words("CIVIC_MODULES", DEFAULT_MODULES)
    languages = words("CIVIC_LANGUAGES", DEFAULT_LANGUAGES)

    with (
        contextlib.closing(wait_for_server(float(os.environ.get("CIVIC_DB_WAIT") or 120))) as server,
        alone(server, database),
    ):
        states, known = read_state(server, database)
        refuse_demo_data(database, states)
        current = {name: checksum(name, languages) for name in {*states, *wanted}}
        absent = sorted(name for name in wanted if not current[name])
        if absent:
            raise SystemExit(f"migrate: this image has no addon {', '.join(absent)}; see CIVIC_MODULES.")
        install, update = plan(wanted, states, known, current)
        if install or update:
            say(f"Odoo {odoo.release.version}, {database}: {len(install)} modules to install, {len(update)} to update")
            run_odoo(database, install, update, languages)
            states, _ = read_state(server, database)
        require_done(wanted, states)
        if install or update:
            with environment(database) as env:
                current = {name: checksum(name, languages) for name in states}
                env["ir.config_parameter"].set_param(CHECKSUMS, json.dumps(current, sort_keys=True))
        with environment(database) as env:
            activate_languages(env, languages)
            replace_default_password(env)
            set_base_url(env)
        say("done" if install or update else "nothing to install or update")


if __name__ == "__main__":
    main()
