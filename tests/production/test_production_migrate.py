# SPDX-License-Identifier: AGPL-3.0-or-later
"""deploy/migrate.py, started as the container starts it: an empty database, an old one, and what may go wrong.

The tests share one database and follow each other, as releases do: installing Odoo takes a while.
"""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from passlib.context import CryptContext

SECRET = "a-first-password-of-the-city"
MANIFEST = (
    """{"name": "Probe", "version": "19.0.1.0.0", "license": "AGPL-3", "depends": ["base"], "data": ["data.xml"]}"""
)
DATA = """<odoo><record id="value" model="ir.config_parameter">
    <field name="key">civic_probe.value</field><field name="value">%s</field></record></odoo>"""


@pytest.fixture(scope="module")
def release(conf, folder, database):
    """A database to be, a secret, and an addon whose next release a test may write."""
    name = f"{conf.database}_migrated"
    database.drop(name)
    addons = folder / "release"
    (addons / "civic_probe").mkdir(parents=True)
    (addons / "civic_probe" / "__init__.py").touch()
    (addons / "civic_probe" / "__manifest__.py").write_text(MANIFEST)
    secret = folder / "admin_password"
    secret.write_text(SECRET + "\n")

    def write(value):
        (addons / "civic_probe" / "data.xml").write_text(DATA % value if "<" not in value else value)

    write("1")
    yield SimpleNamespace(name=name, addons=addons, secret=secret, write=write)
    database.drop(name)


@pytest.fixture(scope="module")
def start(deploy, container, conf, folder, release):
    def begin(**settings):
        values = {
            "ODOO_CONF_addons_path": f"{conf.options['addons_path']},{release.addons}",
            "CIVIC_MODULES": "base,civic_probe",
            "ODOO_CONF_skip_auto_install": "True",  # only what is asked for: this is about us, not about Odoo
            "CIVIC_ADMIN_PASSWORD_FILE": release.secret,
            "CIVIC_BASE_URL": "https://crm.city.example/",
            **settings,
        }
        env = container(release.name, folder / "data-migrated")
        env.update({name: str(value) for name, value in values.items()})
        command = [sys.executable, deploy / "entrypoint.py", "migrate"]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")

    return begin


@pytest.fixture(scope="module")
def migrate(start):
    def run(**settings):
        process = start(**settings)
        output, _ = process.communicate(timeout=300)
        return SimpleNamespace(status=process.returncode, output=output)

    return run


@pytest.fixture(scope="module")
def installed(migrate, release, database):
    """The first start, on an empty database, with a secret that is too short; then with a good one."""
    database.query("postgres", f"CREATE DATABASE \"{release.name}\" TEMPLATE template0 ENCODING 'UTF8'")
    release.secret.write_text("short\n")
    refused = migrate()
    release.secret.write_text(SECRET + "\n")
    return SimpleNamespace(refused=refused, accepted=migrate())


def parameter(database, release, key):
    rows = database.query(release.name, "SELECT value FROM ir_config_parameter WHERE key = %s", [key])
    return rows[0][0] if rows else None


def password_is(database, release, password):
    rows = database.query(release.name, "SELECT password FROM res_users WHERE login = 'admin'")
    return CryptContext(["pbkdf2_sha512"]).verify(password, rows[0][0])


def states(database, release):
    return dict(database.query(release.name, "SELECT name, state FROM ir_module_module WHERE state <> 'uninstallable'"))


def test_it_does_not_start_without_a_server(migrate, http):
    nowhere = {"PGHOST": "127.0.0.1", "PGPORT": http.free_port()}  # libpq's variables win over Odoo's settings
    done = migrate(CIVIC_DB_WAIT="1", **nowhere)
    assert done.status
    assert "waiting for PostgreSQL" in done.output
    assert "PostgreSQL does not let us in" in done.output


def test_an_addon_that_is_not_there_is_told_before_anything_is_installed(migrate, release, database):
    done = migrate(CIVIC_MODULES="base,civic_nowhere")
    assert done.status
    assert "no addon civic_nowhere" in done.output
    assert not database.query("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", [release.name])


def test_admin_admin_is_never_served(installed):
    assert installed.refused.status
    assert "'admin' still has Odoo's first password" in installed.refused.output


def test_an_empty_database_is_installed(installed, release, database):
    assert installed.accepted.status == 0, installed.accepted.output
    assert states(database, release)["civic_probe"] == "installed"
    assert password_is(database, release, SECRET)
    assert not password_is(database, release, "admin")
    active = {code for (code,) in database.query(release.name, "SELECT code FROM res_lang WHERE active")}
    assert active == {"en_US", "es_ES"}
    spanish = "SELECT count(*) FROM ir_model WHERE name->>'es_ES' <> name->>'en_US'"
    assert database.query(release.name, spanish)[0][0] > 50
    assert parameter(database, release, "web.base.url") == "https://crm.city.example"
    assert parameter(database, release, "web.base.url.freeze") == "True"
    assert SECRET not in installed.accepted.output


def test_the_second_time_takes_up_where_the_first_was_refused(installed):
    assert "nothing to install or update" in installed.accepted.output


def everything(database, release):
    tables = ("res_users", "ir_model_data", "ir_module_module", "ir_config_parameter", "res_lang", "ir_ui_view")
    return {name: database.query(release.name, f"SELECT count(*), max(write_date) FROM {name}") for name in tables}


def test_a_start_with_nothing_to_do_waits_for_others_and_changes_nothing(installed, start, release, database, http):
    before = everything(database, release)
    release.secret.write_text("another-password-in-the-secret\n")
    other = database.connect("postgres")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"civic-migrate-{release.name}"])
    process = start()
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    http.wait_until(lambda: database.query("postgres", waiting), "its wait for the migration that we play", process)
    other.close()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "waiting for it" in output
    assert "nothing to install or update" in output
    assert everything(database, release) == before
    assert password_is(database, release, SECRET), "a password that somebody chose was replaced"


def test_a_changed_addon_is_updated_and_no_other(installed, migrate, release, database):
    release.write("2")
    before = json.loads(parameter(database, release, "civic.deploy.checksums"))
    done = migrate()
    assert done.status == 0, done.output
    assert "0 modules to install, 1 to update" in done.output
    assert parameter(database, release, "civic_probe.value") == "2"
    after = json.loads(parameter(database, release, "civic.deploy.checksums"))
    assert {name for name in after if after[name] != before[name]} == {"civic_probe"}


def test_a_release_that_cannot_be_installed_is_not_served_and_the_next_one_mends_it(
    installed, migrate, release, database
):
    release.write('<odoo><record id="value" model="no.such.model"/></odoo>')
    broken = migrate()
    assert broken.status
    assert "Odoo could not install or update" in broken.output
    assert parameter(database, release, "civic_probe.value") == "2"
    release.write("3")
    mended = migrate()
    assert mended.status == 0, mended.output
    assert parameter(database, release, "civic_probe.value") == "3"
    assert set(states(database, release).values()) <= {"installed", "uninstalled"}


def test_demo_logins_are_served_only_when_that_is_wanted(installed, migrate, release, database):
    database.query(release.name, "UPDATE ir_module_module SET demo = true WHERE name = 'civic_probe'")
    try:
        done = migrate()
        assert done.status
        assert "holds demo data" in done.output
        assert migrate(CIVIC_ALLOW_DEMO="1").status == 0
    finally:
        database.query(release.name, "UPDATE ir_module_module SET demo = false WHERE name = 'civic_probe'")


# ----------------------------------------------------------------------------------------- the entrypoint


@pytest.fixture
def entrypoint(deploy, container):
    def run(*words, **env):
        command = [sys.executable, deploy / "entrypoint.py", *words]
        return subprocess.run(command, env={**container(), **env}, capture_output=True, text=True, timeout=60)

    return run


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_secret_that_is_missing_or_empty_is_told(entrypoint, tmp_path, content):
    if content is not None:
        (tmp_path / "secret").write_text(content)
    done = entrypoint("serve", ODOO_CONF_db_password_FILE=str(tmp_path / "secret"))
    assert done.returncode
    assert "ODOO_CONF_db_password_FILE" in done.stderr


def test_an_unknown_command_is_refused(entrypoint):
    done = entrypoint("bash")
    assert done.returncode
    assert "none of serve" in done.stderr


def test_secrets_reach_odoo_and_nobody_else(deploy, tmp_path, monkeypatch):
    import importlib.util
    import stat

    spec = importlib.util.spec_from_file_location("entrypoint", deploy / "entrypoint.py")
    entrypoint = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(entrypoint)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "secret").write_text("100% secret\n")
    path = entrypoint.write_conf({
        "ODOO_CONF_db_password_FILE": str(tmp_path / "secret"),
        "ODOO_CONF_workers": "7",
        "ODOO_CONF_db_replica_host": "",
    })  # fmt: skip
    assert stat.S_IMODE(tmp_path.joinpath(path).stat().st_mode) == 0o600
    text = tmp_path.joinpath(path).read_text()
    assert "db_password = 100% secret\n" in text
    assert "workers = 7\n" in text
    assert "replica" not in text
    assert "list_db = False" in text
    assert "admin_passwd = \n" in text
