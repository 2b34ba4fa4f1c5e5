# SPDX-License-Identifier: AGPL-3.0-or-later
"""PostgreSQL as production sets it up, on a server of its own: roles, the template, backups by a role that is no
superuser, and the read replica."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest


def owner():
    """PostgreSQL may not run as root: as root, the user that ./civic uses too."""
    if os.geteuid():
        return {}
    for name in ("civic", "postgres"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise AssertionError("there is no ordinary user 'civic' or 'postgres' to run PostgreSQL as")


class Cluster:
    """Runs programs as the servers' user, in a folder that it can enter."""

    def __init__(self, deploy, http):
        self.http = http
        self.folder = Path(tempfile.mkdtemp(prefix="civic-pg-", dir="/tmp"))
        self.as_owner = {**owner(), "cwd": self.folder}
        self.running = []
        self.scripts = self.folder / "scripts"
        shutil.copytree(deploy / "postgres", self.scripts)
        shutil.copy(deploy / "backup.sh", self.scripts)
        subprocess.run([deploy / "secrets" / "generate.sh", self.folder], check=True, capture_output=True)
        self.folder.chmod(0o755)
        if self.as_owner.get("user"):
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, self.as_owner["user"], self.as_owner["group"])
        self.bin = (
            Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip())
            if not shutil.which("initdb")
            else None
        )

    def env(self, **more):
        path = f"{self.bin}:{os.environ['PATH']}" if self.bin else os.environ["PATH"]
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        return {"PATH": path, "LC_ALL": "C.UTF-8", **kept, **{name: str(value) for name, value in more.items()}}

    def run(self, *command, **env):
        command = [os.fspath(part) for part in command]
        return subprocess.run(
            command, env=self.env(**env), capture_output=True, text=True, timeout=120, **self.as_owner
        )

    def must(self, *command, **env):
        done = self.run(*command, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *command, port, **env):
        log = self.folder / f"log-{port}"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [os.fspath(part) for part in command],
                env=self.env(**env),
                stdout=output,
                stderr=output,
                **self.as_owner,
            )
        self.running.append(process)
        ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        self.http.wait_until(lambda: self.run(*ready).returncode == 0, "PostgreSQL", process, log)
        return process

    def connect(self, port, user, secret, database="civic"):
        password = (self.folder / secret).read_text()
        connection = psycopg2.connect(host="127.0.0.1", port=port, user=user, password=password, dbname=database)
        connection.autocommit = True
        return connection

    def query(self, port, user, secret, statement, database="civic"):
        connection = self.connect(port, user, secret, database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def close(self):
        for process in reversed(self.running):
            process.send_signal(3)  # SIGQUIT: at once
            process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def primary(deploy, http):
    """A new server after init.sh has run, as the postgres image runs it."""
    cluster = Cluster(deploy, http)
    try:
        cluster.port = http.free_port()
        data = cluster.folder / "data"
        cluster.must(
            "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={cluster.folder}/db_admin_password",
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": cluster.folder,
            "fsync": "off",
            "wal_level": "replica",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        cluster.options = words
        cluster.start("postgres", "-D", data, "-p", str(cluster.port), *words, port=cluster.port)
        image = {"PGDATA": data, "POSTGRES_USER": "postgres", "PGHOST": cluster.folder, "PGPORT": cluster.port}
        cluster.must(cluster.scripts / "init.sh", **image, SECRETS=cluster.folder)
        cluster.must(
            "psql", "-XqU", "postgres", "-h", cluster.folder, "-p", str(cluster.port), "-c", "SELECT pg_reload_conf()"
        )
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def city_of_few(primary):
    """What the backup script takes for an Odoo: a few tables, an index on unaccented text, and no files."""
    (primary.folder / "odoo" / "filestore" / "civic").mkdir(parents=True)
    (primary.folder / "backups").mkdir()
    if primary.as_owner.get("user"):
        for path in (primary.folder / "odoo", *(primary.folder / "odoo").rglob("*"), primary.folder / "backups"):
            os.chown(path, primary.as_owner["user"], primary.as_owner["group"])
    odoo = (primary.port, "odoo", "db_password")
    primary.query(*odoo, "CREATE TABLE res_users (id serial PRIMARY KEY, name varchar)")
    primary.query(*odoo, "CREATE TABLE ir_attachment (id serial PRIMARY KEY, store_fname varchar)")
    primary.query(*odoo, "CREATE INDEX ON res_users USING gin (unaccent(name) gin_trgm_ops)")
    primary.query(*odoo, "INSERT INTO res_users (name) VALUES ('Martín'), ('Ana')")
    return SimpleNamespace(odoo=odoo)


def test_odoos_role_owns_its_city_and_nothing_else(primary):
    roles = "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname !~ '^pg_'"
    found = {name: tuple(rights) for name, *rights in primary.query(primary.port, "odoo", "db_password", roles)}
    assert found == {
        "postgres": (True, True, True, True),
        "odoo": (False, False, False, False),
        "civic_backup": (False, True, False, False),
        "replicator": (False, False, False, True),
    }
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        primary.query(primary.port, "odoo", "db_password", "CREATE DATABASE another")
    with pytest.raises(psycopg2.OperationalError):
        primary.connect(primary.port, "odoo", "db_backup_password")
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        primary.connect(primary.port, "replicator", "db_replication_password")


def test_the_backup_role_reads_everything_and_changes_nothing(primary, city_of_few):
    backup = (primary.port, "civic_backup", "db_backup_password")
    assert primary.query(*backup, "SELECT count(*) FROM res_users") == [(2,)]
    for statement in ("DELETE FROM res_users", "UPDATE res_users SET name = 'x'", "DROP TABLE res_users"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            primary.query(*backup, statement)


def test_backup_rehearsal_and_restore_work_with_the_roles_that_they_have(primary, city_of_few):
    place = {
        "PGHOST": "127.0.0.1",
        "PGPORT": primary.port,
        "BACKUP_DIR": primary.folder / "backups",
        "BACKUP_DATA_DIR": primary.folder / "odoo",
        "BACKUP_TEMPLATE": "template_civic",
        "TMPDIR": primary.folder,
    }
    backup = {**place, "PGUSER": "civic_backup", "PGPASSWORD_FILE": primary.folder / "db_backup_password"}
    primary.must(primary.scripts / "backup.sh", "backup", **backup)
    assert "rehearsed" in primary.must(primary.scripts / "backup.sh", "rehearse", **backup)
    superuser = {"PGUSER": "postgres", "PGPASSWORD_FILE": primary.folder / "db_admin_password", "BACKUP_OWNER": "odoo"}
    primary.must(primary.scripts / "backup.sh", "restore", "latest", "civic_back", **place, **superuser)
    # Odoo's role owns what was restored: it may change its tables.
    primary.query(*city_of_few.odoo, "ALTER TABLE res_users ADD COLUMN added integer", database="civic_back")
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert primary.query(*city_of_few.odoo, owners, database="civic_back") == [("odoo",)]


def test_the_replica_follows_and_only_reads(primary, city_of_few, http):
    port = http.free_port()
    started = {
        "PGDATA": primary.folder / "replica" / "pgdata",
        "PRIMARY_HOST": "127.0.0.1",
        "PRIMARY_PORT": primary.port,
        "REPLICATION_PASSWORD_FILE": primary.folder / "db_replication_password",
    }
    (primary.folder / "replica").mkdir()
    if primary.as_owner.get("user"):
        os.chown(primary.folder / "replica", primary.as_owner["user"], primary.as_owner["group"])
    command = [primary.scripts / "replica.sh", "-p", str(port), *primary.options]
    replica = primary.start(*command, port=port, **started)
    here = (port, "odoo", "db_password")

    def names():
        return {name for (name,) in primary.query(*here, "SELECT name FROM res_users")}

    assert {"Martín", "Ana"} <= names()
    primary.query(*city_of_few.odoo, "INSERT INTO res_users (name) VALUES ('Lucía')")
    http.wait_until(lambda: "Lucía" in names(), "the replica", replica)
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        primary.query(*here, "DELETE FROM res_users")

    # What docs/production.md says of 'remote_apply': whoever reads after writing finds what was written.
    superuser = (primary.port, "postgres", "db_admin_password")
    assert primary.query(*superuser, "SELECT application_name FROM pg_stat_replication") == [("civic_replica",)]
    primary.query(*superuser, "ALTER SYSTEM SET synchronous_standby_names = 'civic_replica'")
    primary.query(*superuser, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
    primary.query(*superuser, "SELECT pg_reload_conf()")
    waits = "SELECT sync_state FROM pg_stat_replication"
    http.wait_until(lambda: primary.query(*superuser, waits) == [("sync",)], "synchronous replication", replica)
    for number in range(20):
        primary.query(*city_of_few.odoo, f"INSERT INTO res_users (name) VALUES ('citizen {number}')")
        assert f"citizen {number}" in names()
    primary.query(*superuser, "ALTER SYSTEM RESET synchronous_standby_names")
    primary.query(*superuser, "SELECT pg_reload_conf()")

    # It stops and comes back without a new copy, and has then what it missed.
    replica.send_signal(2)  # SIGINT: fast
    replica.wait(60)
    primary.running.remove(replica)
    primary.query(*city_of_few.odoo, "INSERT INTO res_users (name) VALUES ('Noa')")
    identity = (started["PGDATA"] / "PG_VERSION").stat().st_ino
    replica = primary.start(*command, port=port, **started)
    http.wait_until(lambda: "Noa" in names(), "the replica", replica)
    assert (started["PGDATA"] / "PG_VERSION").stat().st_ino == identity
    slots = "SELECT slot_name, active FROM pg_replication_slots"
    assert primary.query(*superuser, slots) == [("civic_replica", True)]
