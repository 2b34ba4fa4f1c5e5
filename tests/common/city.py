# SPDX-License-Identifier: AGPL-3.0-or-later
"""A running city: the test city of civic_crm, committed in a database of its own, with a real Odoo on it.

Tests in one transaction prove rules; here requests, crons and mail run as in production, in processes of their own.
"""

import configparser
import contextlib
import os
import re
import shutil
import sys
import threading
import urllib.request
from datetime import timedelta
from pathlib import Path

import psycopg2

import odoo
import odoo.sql_db
from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tools import config

from odoo.addons.civic_crm.tests.common import CityMixin

from .processes import TOOLS, Process, free_port, wait_until

#: The line of Odoo's log that tells of trouble. Two requests at one row are none: Odoo does the later one again.
_TROUBLE = re.compile(
    r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) (?!.*\nERROR: +could not serialize access due to concurrent update).*$", re.M
)
GATEWAY_LOGIN = "admin"
#: Roles whose interface is in Spanish; the others' is in English.
SPEAK_SPANISH = ("head", "neighbour")


def password_of(login):
    """The password that Odoo's `new_test_user` gives."""
    return login.ljust(8, "x")


class _City(CityMixin):
    """The test city with its website in both languages, and its mail."""

    @classmethod
    def found(cls, env, address, smtp_port):
        """Make it in `env`; return the ids of what tests ask for by name."""
        cls.env = env
        cls.set_up_city()
        cls.set_up_website()
        cls.set_up_mail(address, smtp_port)
        return {
            name: getattr(cls, name).id
            for name in ("lighting", "parks", "street_light", "tree", "old_town", "citizen", "neighbour")
        }

    @classmethod
    def set_up_website(cls):
        env = cls.env
        for code in ("en_US", "es_ES"):
            env["res.lang"]._activate_lang(code)
        languages = env.ref("base.lang_es") | env.ref("base.lang_en")
        website = env.ref("website.default_website")
        website.write({"language_ids": languages.ids, "default_lang_id": env.ref("base.lang_es").id})
        cls.street_light.with_context(lang="es_ES").name = "Farola apagada"
        cls.tree.with_context(lang="es_ES").name = "Árbol caído"
        for name, user in cls.users.items():
            user.lang = "es_ES" if name in SPEAK_SPANISH else "en_US"
        # All tests come from one address.
        for action in ("filing", "message", "lookup"):
            env["ir.config_parameter"].set_param(f"civic_portal.limit_{action}", "1000")

    @classmethod
    def set_up_mail(cls, address, smtp_port):
        env = cls.env
        env["ir.mail_server"].search([]).active = False
        env["ir.mail_server"].create({"name": "Outside", "smtp_host": "127.0.0.1", "smtp_port": smtp_port})
        env["ir.config_parameter"].set_param("web.base.url", address)
        env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
        # In a new database every cron is due at once: what should be triggered would run by luck.
        env["ir.cron"].search([]).nextcall = fields.Datetime.now() + timedelta(days=1)


class RunningCity:
    """The city as its people meet it, in a database of its own; with a *server*, an `OwnPostgres`, on that one.

    Use it so::

        city = RunningCity("purpose", folder, mailbox)
        city.create()
        city.start()
        city.address                     # where the browser goes
        city.smtp_port                   # where mail to the city goes
        with city.env() as env: ...      # its database, committed at the end
        city.close()
    """

    def __init__(self, purpose, folder, mailbox, server=None):
        self.server = server
        self._threads, self._lock = 0, threading.Lock()
        self.name = os.environ["CIVIC_TEST_PREFIX"] + purpose  # so that civic drops what a kill leaves
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.mailbox = mailbox
        self.odoo = self.gateway = None
        self.ids = {}
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._read_log = 0
        settings = configparser.RawConfigParser()
        settings.read(os.environ["CIVIC_ODOO_RC"], encoding="utf-8")
        self.template = settings["options"]["db_name"]
        self.files = Path(settings["options"]["data_dir"]) / "filestore"

    # life cycle -------------------------------------------------------

    def create(self):
        """Copy the test database with its files and found the city in it."""
        self.drop()
        wait_until(self._copied, f"a copy of the database {self.template}")
        if (self.files / self.template).is_dir():
            shutil.copytree(self.files / self.template, self.files / self.name, copy_function=os.link)
        with self.env() as env:
            self.ids = _City.found(env, self.address, self.mailbox.port)

    def _copied(self):
        if self.server:
            self.server.load(self.template, self.name)
            return True
        # A database that somebody is connected to cannot be copied; Odoo in this process reconnects by itself.
        odoo.sql_db.close_db(self.template)
        try:
            self._administer(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')
        except psycopg2.errors.ObjectInUse:
            return False
        return True

    def start(self):
        command = [sys.executable, "-m", "odoo", "-c", os.environ["CIVIC_ODOO_RC"], "-d", self.name]
        command += [f"--db-filter=^{self.name}$", f"--http-port={self.port}", "--max-cron-threads=1"]
        command += [f"--db_{name}={value}" for name, value in self._server_options.items()]
        self.odoo = Process(command, self.folder / "odoo.log")
        wait_until(self._answers, "Odoo", watching=self.odoo)
        if not self.gateway:
            command = [sys.executable, TOOLS / "smtp_gateway.py", "--odoo", self.address, "--database", self.name]
            command += ["--login", GATEWAY_LOGIN]
            self.gateway = Process(command, self.folder / "gateway.log", CIVIC_GATEWAY_PASSWORD=GATEWAY_LOGIN)
            self.smtp_port = self.gateway.said_port()

    def _answers(self):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.address}/web/health", timeout=30):
            return True
        return False

    def stop(self):
        """Stop Odoo alone: the city is down, its mail server is not."""
        self.odoo.stop()

    def close(self):
        for process in filter(None, (self.gateway, self.odoo)):
            process.stop()
        self.drop()

    def drop(self):
        with self._settings():
            Registry.delete(self.name)
            odoo.sql_db.close_db(self.name)
        self._administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        shutil.rmtree(self.files / self.name, ignore_errors=True)

    @property
    def _server_options(self):
        return self.server.options if self.server else {}

    def _administer(self, statement):
        connection = psycopg2.connect(dbname="postgres", **self._server_options)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    # what is in it ----------------------------------------------------

    @contextlib.contextmanager
    def env(self):
        """A superuser environment on the city's database; what is done in it is committed at the end."""
        with self._settings():
            registry = Registry(self.name).check_signaling()
            with registry.cursor() as cursor:
                yield api.Environment(cursor, SUPERUSER_ID, {})
            registry.signal_changes()

    @contextlib.contextmanager
    def _settings(self):
        """This process's Odoo out of test mode and with the city's server, while any thread is in here."""
        with self._lock:
            if not self._threads:
                own = {f"db_{name}": value for name, value in self._server_options.items()}
                own["test_enable"] = False
                self._before = {name: config[name] for name in own}
                for name, value in own.items():
                    config[name] = value
            self._threads += 1
        try:
            yield
        finally:
            with self._lock:
                self._threads -= 1
                if not self._threads:
                    for name, value in self._before.items():
                        config[name] = value

    def file_case(self, env, service, text, **facts):
        """A case as the web form files it; `service` is one of the names in `ids`."""
        web = env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        service = env["helpdesk.ticket.category"].browse(self.ids[service])
        # what services ask for when a test is about something else
        facts = {"place": "Main Street 3", "email": "somebody@home.test", **facts}
        return env["helpdesk.ticket"]._file_case(service, text, channel=web, **facts)

    # trouble ----------------------------------------------------------

    def new_trouble(self):
        """The errors that Odoo has logged since the last call."""
        log = self.odoo.output()
        fresh, self._read_log = log[self._read_log :], len(log)
        return _TROUBLE.findall(fresh)
