# SPDX-License-Identifier: AGPL-3.0-or-later
"""The incoming mail service of the profile 'smtp': nothing is lost, and it is nobody's relay."""

import smtplib
import subprocess
import sys
import xmlrpc.client
from types import SimpleNamespace

import pytest

MAIL = b"From: ana@citizen.example\r\nTo: potholes@city.test\r\nMessage-ID: <1@citizen.example>\r\nSubject: hole at number 3\r\n\r\nhere"


@pytest.fixture
def start_gateway(deploy, container, conf, city, folder, http):
    started = []

    def start(odoo_port, **settings):
        port = http.free_port()
        secret = folder / "smtp_password"
        secret.write_text("admin\n")
        values = {
            "CIVIC_SMTP_ODOO": f"http://127.0.0.1:{odoo_port}",
            "CIVIC_SMTP_DATABASE": city.name,
            "CIVIC_SMTP_LOGIN": "admin",
            "CIVIC_SMTP_PASSWORD_FILE": secret,
            "CIVIC_SMTP_ADDRESS": "127.0.0.1",
            "CIVIC_SMTP_PORT": port,
            "CIVIC_SMTP_MAX_BYTES": 100_000,
            "CIVIC_MAIL_DOMAINS": "city.test, Oficina.city.test",
            "CIVIC_MAIL_CLIENTS": "127.0.0.0/30",
            **settings,
        }
        log = folder / f"smtp-{port}.log"
        with open(log, "wb") as output:
            command = [sys.executable, deploy / "entrypoint.py", "smtp"]
            process = subprocess.Popen(command, env=container(**values), stdout=output, stderr=output, cwd="/")
        started.append(process)
        http.wait_until(lambda: process.poll() is not None or b"listening" in log.read_bytes(), "the mail service")
        return SimpleNamespace(port=port, process=process, log=log)

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


@pytest.fixture
def nobody(http):
    """A port where no Odoo answers."""
    return http.free_port()


def send(gateway, recipient="potholes@city.test", content=MAIL, source="127.0.0.1"):
    """The code and text of the answer that decides."""
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60, source_address=(source, 0)) as server:
        code, text = server.ehlo("mta.city.test")
        if code != 250:
            return code, text
        code, text = server.mail("ana@citizen.example", [f"size={len(content)}"])
        if code == 250:
            code, text = server.rcpt(recipient)
        return (code, text) if code != 250 else server.data(content)


def test_while_odoo_is_down_the_sender_keeps_the_mail(start_gateway, nobody):
    assert send(start_gateway(nobody))[0] == 451


@pytest.fixture
def call(nodes, city):
    """Odoo's models as the administrator sees them."""
    url = f"http://127.0.0.1:{nodes[0].port}/xmlrpc/2"
    uid = xmlrpc.client.ServerProxy(f"{url}/common").authenticate(city.name, "admin", "admin", {})
    models = xmlrpc.client.ServerProxy(f"{url}/object")
    return lambda model, method, *words: models.execute_kw(city.name, uid, "admin", model, method, list(words))


@pytest.fixture(scope="module")
def department(nodes, city):
    """A department with an address, the gateway's own user, and Odoo's models as the administrator sees them."""
    url = f"http://127.0.0.1:{nodes[0].port}/xmlrpc/2"
    uid = xmlrpc.client.ServerProxy(f"{url}/common").authenticate(city.name, "admin", "admin", {})
    models = xmlrpc.client.ServerProxy(f"{url}/object")

    def call(model, method, *words):
        return models.execute_kw(city.name, uid, "admin", model, method, list(words))

    domain = call("mail.alias.domain", "create", {"name": "city.test"})
    call("helpdesk.ticket.team", "create", {"name": "Potholes", "alias_name": "potholes", "alias_domain_id": domain})
    # bringing mail into the ledger takes no right but that of the house
    call("res.users", "create", {"name": "Mail", "login": "mailgate", "password": "admin"})
    return call


def mail(subject, to):
    number = subject.replace(" ", ".")
    return (
        f"From: ana@citizen.example\r\nTo: {to}\r\nMessage-ID: <{number}@c>\r\nSubject: {subject}\r\n\r\nhole".encode()
    )


def work_off(department):
    """Run the ledger's job, which in production a service of its own runs."""
    jobs = department("ir.cron", "search", [("cron_name", "=", "Civic CRM: work off what has arrived")])
    department("ir.cron", "method_direct_trigger", jobs)


def entries(department, *domain):
    return department("civic.intake", "search_count", list(domain))


def cases(department, subject):
    return department("helpdesk.ticket", "search_count", [("name", "=", subject)])


@pytest.mark.parametrize("to", ["potholes@city.test", "undisclosed-recipients:;", "mayor@elsewhere.example"])
def test_a_mail_becomes_a_case_whatever_its_header_says(start_gateway, nodes, department, to):
    gateway = start_gateway(nodes[0].port, CIVIC_SMTP_LOGIN="mailgate")
    subject = f"hole for {to[:5].strip()}"
    assert send(gateway, content=mail(subject, to))[0] == 250, gateway.log.read_text()
    # A sender that did not hear our answer sends it again: still one case.
    assert send(gateway, content=mail(subject, to))[0] == 250
    work_off(department)
    assert not entries(department, ("state", "=", "received"))
    assert cases(department, subject) == 1


def test_what_is_nobodys_is_left_to_the_front_desk(start_gateway, nodes, department):
    gateway = start_gateway(nodes[0].port, CIVIC_SMTP_LOGIN="mailgate")
    assert send(gateway, "nobody@city.test", mail("to nobody", "nobody@city.test"))[0] == 250
    work_off(department)
    assert entries(department, ("reason", "=", "no_route"), ("state", "=", "quarantined")) == 1


def test_a_wrong_password_is_no_reason_to_lose_mail(start_gateway, nodes):
    assert send(start_gateway(nodes[0].port, CIVIC_SMTP_LOGIN="somebody"))[0] == 451


@pytest.mark.parametrize("recipient", ["ana@citizen.example", "x@evil-city.test", "x@city.test.evil.example", "nobody"])
def test_it_is_no_relay(start_gateway, nobody, recipient):
    assert send(start_gateway(nobody), recipient)[0] == 550


@pytest.mark.parametrize("recipient", ["potholes@CITY.test", "alta@oficina.city.test"])
def test_the_domains_are_the_citys(start_gateway, nobody, recipient):
    assert send(start_gateway(nobody), recipient)[0] == 451


def test_only_the_citys_mail_server_is_served(start_gateway, nobody):
    gateway = start_gateway(nobody)
    assert send(gateway, source="127.0.0.3")[0] == 451
    assert send(gateway, source="127.0.0.4")[0] == 550


def test_a_mail_that_is_too_large_is_refused(start_gateway, nobody):
    assert send(start_gateway(nobody), content=MAIL + b"x" * 200_000)[0] == 552


@pytest.mark.parametrize("missing", ["CIVIC_MAIL_DOMAINS", "CIVIC_MAIL_CLIENTS", "CIVIC_SMTP_PASSWORD_FILE"])
def test_without_its_settings_it_does_not_start(start_gateway, nobody, missing):
    gateway = start_gateway(nobody, **{missing: ""})
    assert gateway.process.wait(20) == 1
    assert missing in gateway.log.read_text()
