# SPDX-License-Identifier: AGPL-3.0-or-later
"""The production set-up on one machine: nodes started by deploy/entrypoint.py, nginx by its own entrypoint.

The scripts under test are those of the containers; only their settings (ports, folders, the database server) are
others. Everything listens on loopback, lives in temporary folders and ends with the test.
"""

import configparser
import contextlib
import ctypes
import functools
import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest

ROOT = Path(os.environ.get("CIVIC_ROOT") or Path(__file__).resolve().parents[2])
DEPLOY = ROOT / "deploy"
PATIENCE = 90  # seconds that anything may take on a busy machine


# ------------------------------------------------------------------------------------------------ waiting


def wait_until(condition, what, process=None, log=None, seconds=PATIENCE):
    """Poll until `condition()` is true and return its value; fail when it takes too long or the process ends."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            tail = Path(log).read_text(errors="replace")[-3000:] if log else ""
            raise AssertionError(f"{what}: {'ended with ' + str(process.returncode) if ended else 'too slow'}\n{tail}")
        time.sleep(0.05)


_ports_given = set()


def free_port():
    """A port that nobody listens on and that was not given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _ports_given:
            _ports_given.add(port)
            return port


# --------------------------------------------------------------------------------------------- processes


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Process:
    """A server of ours in a process group of its own, with its log."""

    def __init__(self, command, env, log):
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(
                [os.fspath(part) for part in command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                cwd="/",
            )

    def kill(self):
        """As when the machine loses power: no good-bye to anybody."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


def stop_all(processes):
    for process in processes:
        process.popen.terminate()
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.popen.wait(20)
        process.kill()


def ask(port, path, method="GET", body=None, headers=None, source="127.0.0.1", context=None):
    """One HTTP request to loopback, from any loopback address; returns status, headers and body."""
    if context:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read())


def session_cookie(answer):
    """The session that an answer opens, with its flags, or None."""
    cookies = answer.headers.get_all("Set-Cookie") or []
    return next((cookie for cookie in cookies if cookie.startswith("session_id=")), None)


def answers(port, path="/"):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return ask(port, path).status


# ---------------------------------------------------------------------------------------------- the city


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def query(database, statement, parameters=None):
    with contextlib.closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def drop(database):
    query("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


class Conf:
    """What ./civic wrote for the tests: where Odoo's addons, files and database are."""

    def __init__(self):
        parser = configparser.RawConfigParser()
        parser.read(os.environ["CIVIC_ODOO_RC"], encoding="utf-8")
        self.options = dict(parser["options"])
        self.database = self.options["db_name"]

    def odoo_settings(self, database, data_dir):
        """ODOO_CONF_… variables that put deploy/odoo.conf on this machine."""
        settings = {
            "db_name": database,
            "dbfilter": f"^{database}$",
            "data_dir": data_dir,
            "addons_path": self.options["addons_path"],
            "http_interface": "127.0.0.1",
            **{
                name: self.options[name]
                for name in ("db_host", "db_port", "db_user", "db_password")
                if self.options.get(name) not in (None, "", "False")
            },
        }
        return {f"ODOO_CONF_{name}": str(value) for name, value in settings.items()}


@pytest.fixture(scope="session")
def conf():
    return Conf()


@pytest.fixture(scope="session")
def folder():
    """A temporary folder of this run's own, with a short path that other users of this machine cannot enter."""
    path = Path(tempfile.mkdtemp(prefix="civic-production-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def tool():
    """The path of a program that ./civic knows where to get."""

    @functools.cache
    def find(name):
        found = subprocess.run(
            [sys.executable, ROOT / "civic", "tool", name], capture_output=True, text=True, check=True
        )
        return found.stdout.splitlines()[-1]

    return find


@pytest.fixture(scope="session")
def copy_city(conf, folder):
    """Copies of the test database with its files, for servers of their own; dropped at the end."""
    copies = []

    def copy(suffix):
        import odoo.sql_db

        name = f"{conf.database}_{suffix}"
        data_dir = folder / f"data-{suffix}"
        # A database that somebody is connected to cannot be copied; Odoo in this process reconnects by itself.
        odoo.sql_db.close_db(conf.database)
        drop(name)
        copies.append(name)
        query("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{conf.database}"')
        source = Path(conf.options["data_dir"]) / "filestore" / conf.database
        target = data_dir / "filestore" / name
        target.parent.mkdir(parents=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            target.mkdir()
        return SimpleNamespace(name=name, data_dir=data_dir, files=target)

    yield copy
    for name in copies:
        drop(name)


@pytest.fixture(scope="session")
def city(copy_city):
    """The database and the files that the nodes share."""
    return copy_city("nodes")


@pytest.fixture(scope="session")
def container(conf, folder):
    """The environment of a container of ours: nothing of the developer's but PATH and the database server."""

    def environment(database=None, data_dir=None, **more):
        kept = ("PATH", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGHOSTADDR", "LD_LIBRARY_PATH", "HOME", "LC_ALL")
        env = {name: value for name, value in os.environ.items() if name in kept}
        env["TMPDIR"] = str(folder)
        if database:
            env.update(conf.odoo_settings(database, data_dir))
        env.update({name: str(value) for name, value in more.items()})
        return env

    return environment


# --------------------------------------------------------------------------------------------- servers


@pytest.fixture(scope="session")
def start_node(container, folder):
    """Starts Odoo nodes as the containers do, with deploy/odoo.conf; stops them at the end."""
    started = []

    def start(city, workers=2):
        http_port, gevent_port = free_port(), free_port()
        env = container(
            city.name,
            city.data_dir,
            ODOO_CONF_http_port=http_port,
            ODOO_CONF_gevent_port=gevent_port,
            ODOO_CONF_workers=workers,
            # Requests too, to see which addresses Odoo takes its clients to have.
            ODOO_CONF_log_handler=":INFO",
        )
        log = folder / f"odoo-{http_port}.log"
        process = Process([sys.executable, DEPLOY / "entrypoint.py", "serve"], env, log)
        started.append(process)
        return SimpleNamespace(port=http_port, evented=gevent_port if workers else http_port, log=log, process=process)

    def start_all(city, count=1, workers=2):
        nodes = [start(city, workers) for _ in range(count)]
        health = "/web/health?db_server_status=1"
        for node in nodes:
            for port, what in ((node.port, "an Odoo node"), (node.evented, "its live bus")):
                wait_until(lambda port=port: answers(port, health) == 200, what, node.process.popen, node.log)
        return nodes

    yield start_all
    stop_all(started)


@pytest.fixture(scope="session")
def nodes(start_node, city):
    return start_node(city, count=2)


@pytest.fixture(scope="session")
def nginx_environment(container, folder, tool):
    """The environment of deploy/nginx/entrypoint.sh on this machine, for the given nodes and settings."""
    program = folder / "nginx"
    # As root nginx would change to a user that need not exist here and may not enter this folder. The container's
    # nginx is never root.
    user = "-g 'user root;'" if os.geteuid() == 0 else ""
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(tool("nginx"))} {user} "$@"\n')
    program.chmod(0o755)

    def environment(nodes, **settings):
        # the blank: a checkout may lie in any folder
        state = Path(tempfile.mkdtemp(prefix="nginx of ", dir=folder))
        (state / "pages").symlink_to(DEPLOY / "nginx")
        values = {
            "PROGRAM": program,
            "STATE": state,
            "PAGES": state / "pages",
            "ADDRESS": "127.0.0.1",
            "HTTP_PORT": free_port(),
            "HTTPS_PORT": free_port(),
            "STATUS_PORT": free_port(),
            "ACCESS_LOG": state / "access.log",
            "ERROR_LOG": state / "error.log",
            "TLS": "off",
            "DNS": "",
            "ODOO": " ".join(f"127.0.0.1:{node.port}" for node in nodes),
            "EVENTED": " ".join(f"127.0.0.1:{node.evented}" for node in nodes),
            # Tests are not slowed down by limits, but by those that they are about.
            "FORM_RATE": "100r/s",
            "LOOKUP_RATE": "100r/s",
            **settings,
        }
        return container(**{f"NGINX_{name}": value for name, value in values.items()})

    return environment


@pytest.fixture
def start_nginx(nginx_environment):
    """Starts nginx with deploy/nginx; stops it at the end of the test."""
    started = []

    def start(nodes, **settings):
        env = nginx_environment(nodes, **settings)
        state = Path(env["NGINX_STATE"])
        process = Process([DEPLOY / "nginx" / "entrypoint.sh"], env, state / "output.log")
        started.append(process)
        status_port = int(env["NGINX_STATUS_PORT"])
        wait_until(lambda: answers(status_port, "/nginx/health") == 200, "nginx", process.popen, process.log)

        def entries(count):
            """The access log, as dictionaries, once it has so many entries: nginx writes after it has answered."""

            def read():
                lines = (state / "access.log").read_text().splitlines()
                return len(lines) >= count and [json.loads(line) for line in lines]

            return wait_until(read, f"{count} entries in the access log", process.popen, process.log)

        return SimpleNamespace(
            port=int(env["NGINX_HTTP_PORT"]),
            tls_port=int(env["NGINX_HTTPS_PORT"]),
            status_port=status_port,
            entries=entries,
            state=state,
            process=process,
        )

    yield start
    stop_all(started)


@pytest.fixture
def nginx(start_nginx, nodes):
    """nginx in front of both nodes, with the settings of production."""
    return start_nginx(nodes)


@pytest.fixture(scope="session", name="http")
def http_requests():
    """Requests to loopback, and waiting, for tests."""
    return SimpleNamespace(
        ask=ask, answers=answers, session_cookie=session_cookie, wait_until=wait_until, free_port=free_port
    )


@pytest.fixture(scope="session")
def database():
    return SimpleNamespace(query=query, drop=drop, connect=connect)


@pytest.fixture(scope="session")
def deploy():
    return DEPLOY
