# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a measurement happens: settings, a database server, and databases of this run's own."""

import configparser
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
from psycopg2 import sql

import odoo.release

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("CIVIC_STATE") or ROOT / ".state") / "bench"
LANGUAGES = "en_US,es_ES"

#: What a peer needs; our addons come on top of the very same database.
BASE = ("helpdesk_mgmt", "resource", "website")
OURS = ("civic_crm", "civic_participation", "civic_portal")
KEEP_TEMPLATES = 4


class Problem(Exception):
    """A failure, told in one sentence that says what is missing and what to do."""


class Place:
    """Settings from ``./civic bench``; folders and databases that go when the run ends."""

    def __init__(self, addons=None, workers=0):
        rc = os.environ.get("CIVIC_ODOO_RC")
        if not rc:
            raise Problem("Start it by './civic bench': CIVIC_ODOO_RC names no settings.")
        self.rc = Path(rc)
        self.addons = Path(addons or ROOT / "addons").absolute()
        self.workers = workers
        self.settings = self._read_settings()
        self.prefix = os.environ.get("CIVIC_TEST_PREFIX") or f"bench_{os.getpid()}_"
        self._created = []

    def __enter__(self):
        STATE.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=STATE))
        self._connection = psycopg2.connect(dbname="postgres", **self.connection_options())
        self._connection.autocommit = True
        return self

    def __exit__(self, *exception):
        for name in self._created:
            self.drop(name)
        self._connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # settings

    def _read_settings(self):
        parser = configparser.RawConfigParser()
        parser.read(self.rc, encoding="utf-8")
        settings = dict(parser.items("options"))
        paths = [path for path in settings["addons_path"].split(",") if not (Path(path) / "civic_crm").is_dir()]
        settings["addons_path"] = ",".join([*paths, str(self.addons)])
        return settings

    def connection_options(self):
        names = {"host": "db_host", "port": "db_port", "user": "db_user"}
        values = {name: self.settings.get(key, "") for name, key in names.items()}
        return {name: value for name, value in values.items() if value not in ("", "False")}

    def write_conf(self, name, **options):
        parser = configparser.RawConfigParser()
        parser.add_section("options")
        for key, value in {**self.settings, **options}.items():
            parser.set("options", key, str(value))
        path = self.folder / f"{name}.conf"
        with open(path, "w", encoding="utf-8") as file:
            parser.write(file)
        return path

    # databases

    def query(self, statement, *values):
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def execute_in(self, database, statement):
        connection = psycopg2.connect(dbname=database, **self.connection_options())
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    def _filestore(self, database):
        return Path(self.settings["data_dir"]) / "filestore" / database

    def exists(self, database):
        return bool(self.query("select 1 from pg_database where datname = %s", database))

    def drop(self, database):
        self.query(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))
        shutil.rmtree(self._filestore(database), ignore_errors=True)

    def copy(self, source, target):
        """A copy of a database nobody is connected to; its files never change, so they are linked."""
        self.drop(target)
        words = sql.SQL("create database {} template {}").format(sql.Identifier(target), sql.Identifier(source))
        self.query(words)
        if self._filestore(source).is_dir():
            shutil.copytree(self._filestore(source), self._filestore(target), copy_function=os.link)

    def _rename(self, source, target):
        shutil.rmtree(self._filestore(target), ignore_errors=True)
        if self._filestore(source).is_dir():
            self._filestore(source).rename(self._filestore(target))
        self.query(sql.SQL("alter database {} rename to {}").format(sql.Identifier(source), sql.Identifier(target)))

    def database(self, purpose, template):
        """A database of this run's own, copied from a template, with fresh statistics."""
        name = f"{self.prefix}{purpose}"
        self._created.append(name)
        with _locked(STATE / "templates.lock"):
            self.copy(template(), name)
        return name

    # templates

    def base_template(self):
        """Odoo with the helpdesk base and the website, without our addons."""
        return self._template("base", [odoo.release.version, LANGUAGES, *_pins()], BASE)

    def civic_template(self):
        base = self.base_template()
        return self._template("ours", [base, *_contents(self.addons)], OURS, base)

    def grown(self, kind, template, size, script, city):
        """A database filled with *size* cases by *script*, kept between runs; nothing is to be committed to it.

        :param kind: names it, beside its size
        :param template: method of this place that gives what it begins with
        :param city: which class of ``bench.growth`` fills it, as ``"module:Class"``
        """
        source = template()
        module = city.split(":")[0]
        files = [script, *(ROOT / "bench" / "growth" / f"{name}.py" for name in ("rows", "city", module))]
        filling = [file.read_bytes() for file in files]

        def make(new):
            print(f"  Database '{kind}' with {size:,} cases ...", flush=True)
            self.copy(source, new)
            self.run_in_shell(new, script, city=city, size=size)

        return self._kept(f"grown_{kind}_{size}", [source, size, *filling], make, keep=1)

    def _template(self, kind, content, modules, base=None):
        def make(new):
            print(f"  Template database '{kind}', installing {', '.join(modules)} ...", flush=True)
            if base:
                self.copy(base, new)
            else:
                self.drop(new)
            conf = self.write_conf(f"template-{kind}")
            language = [] if base else [f"--load-language={LANGUAGES}"]
            self.odoo(conf, "-d", new, "-i", ",".join(modules), *language, "--stop-after-init", "--no-http")

        return self._kept(kind, content, make, KEEP_TEMPLATES)

    def _kept(self, kind, content, make, keep):
        """Return the database of this *kind* and *content*, made by ``make(name)`` unless it is there already."""
        # the path of the checkout is in it, since a server may be shared between checkouts
        words = [word if isinstance(word, bytes) else os.fsencode(str(word)) for word in [ROOT, *content]]
        name = f"civic_bench_{kind}_{hashlib.sha256(b'|'.join(words)).hexdigest()[:12]}"
        if not self.exists(name):
            new = f"{name}_new"
            make(new)
            self.execute_in(new, "vacuum analyze")
            self._rename(new, name)
        self._prune(kind, name, keep)
        return name

    def _prune(self, kind, used, keep):
        """Keep the templates used last; a mark beside each says when that was."""
        marks = STATE / "templates"
        marks.mkdir(exist_ok=True)
        (marks / used).touch()
        by_age = sorted(marks.glob(f"civic_bench_{kind}_*"), key=lambda mark: mark.stat().st_mtime, reverse=True)
        for mark in by_age[keep:]:
            self.drop(mark.name)
            mark.unlink()

    # programs

    def odoo(self, conf, *words):
        log = self.folder / "odoo.log"
        with open(log, "ab") as output:
            status = subprocess.run(
                [sys.executable, "-m", "odoo", *words],
                env={**os.environ, "ODOO_RC": str(conf)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            ).returncode
        if status:
            kept = shutil.copy(log, STATE / "failed.log")
            raise Problem(f"Odoo failed at {' '.join(words[:4])}: {kept} says why.")

    def run_in_shell(self, database, script, **given):
        """Run a Python file in Odoo's shell; return what it puts into ``answer``, both by JSON."""
        conf = self.write_conf("shell", db_name=database, max_cron_threads=0)
        answer = self.folder / "answer.json"
        frame = (
            f"import json\ngiven = json.loads({json.dumps(given)!r})\nanswer = {{}}\n"
            f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'), globals())\n"
            f"json.dump(answer, open({str(answer)!r}, 'w'))\n"
        )
        log = self.folder / "shell.log"
        with open(log, "ab") as output:
            done = subprocess.run(
                [sys.executable, "-m", "odoo", "shell", "-d", database, "--no-http"],
                env={**os.environ, "ODOO_RC": str(conf)},
                input=frame.encode(),
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode or not answer.exists():
            kept = shutil.copy(log, STATE / "failed.log")
            raise Problem(f"{script.name} failed in Odoo's shell: {kept} says why.")
        return json.loads(answer.read_text(encoding="utf-8"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _locked(path):
    with open(path, "a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _pins():
    return [path.read_bytes() for path in sorted((ROOT / "requirements").glob("*.txt"))]


def _contents(addons):
    """Of all files that an installed database depends on."""
    files = [
        path
        for path in sorted(addons.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(addons).parts[1:2] != ("tests",)
        and path.suffix not in (".md", ".rst", ".pyc")
    ]
    return [part for path in files for part in (str(path.relative_to(addons)), path.read_bytes())]
