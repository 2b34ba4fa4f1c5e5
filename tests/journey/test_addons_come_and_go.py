# SPDX-License-Identifier: AGPL-3.0-or-later
"""The upper addons go and come back, Odoo's own come beside ours: what the city has written stays."""

import os
import subprocess
import sys
from contextlib import closing

import pytest

from odoo.modules.registry import Registry

from tests.common.city import RunningCity

UPPER = ("civic_portal", "civic_participation")


@pytest.fixture(scope="module")
def resting_city(scratch, mailbox):
    """The test city without a server: its addons can be taken away."""
    city = RunningCity("comeandgo", scratch / "comeandgo", mailbox)
    with closing(city):
        city.create()
        yield city


def odoo(city, *words):
    """Run Odoo's command line, *words*, on the city's database; this process reads the registry anew."""
    command = [sys.executable, "-m", "odoo", *words[:2], "-c", os.environ["CIVIC_ODOO_RC"], "-d", city.name]
    command += words[2:]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    Registry.delete(city.name)


def count_all(env):
    """Return how many records there are of each model that civic_crm keeps."""
    return {
        name: env[name].with_context(active_test=False).search_count([])
        for name, model in sorted(env.registry.items())
        if model._original_module == "civic_crm" and model._auto and not model._transient and not model._abstract
    }


def test_what_the_city_has_written_survives_its_upper_addons(resting_city):
    city = resting_city
    with city.env() as env:
        case = city.file_case(env, "street_light", "It is dark.", email="ana@home.test")
        case._post_from_citizen("Still dark.")
        case._withdraw()
        env.ref("civic_crm.mail_template_case_received").subject = "Ours · {{ object.tracking_code }}"
        env["civic.process"].create({"name": "Squares"})
        number, code, before = case.id, case.tracking_code, count_all(env)
    odoo(city, "module", "uninstall", *UPPER)
    with city.env() as env:
        assert "civic.process" not in env
        assert count_all(env) == before
        case = env["helpdesk.ticket"].browse(number)
        assert case.tracking_code == code
        assert case.closed_date and case.outcome_id.by_citizen
        assert any("Still dark." in message.body for message in case.message_ids)
        assert env["civic.citizen.event"].search_count([("partner_id", "=", case.partner_id.id)])
        assert city.file_case(env, "tree", "It fell.").tracking_code, "the staff's side goes on alone"
        before = count_all(env)
    odoo(city, "module", "install", *UPPER)
    with city.env() as env:
        assert count_all(env) == before
        assert env["helpdesk.ticket"].browse(number).tracking_url.endswith(code)
        assert env.ref("civic_crm.mail_template_case_received").subject.startswith("Ours")


#: What a city edits of what came with the addon: a record and what is written on it.
EDITS = {
    "civic_crm.mail_template_case_in_progress": {"subject": "Ours"},
    "civic_crm.outcome_solved": {"name": "Mended"},
    "civic_crm.topic_parks": {"name": "Gardens"},
    "civic_crm.consent_purpose_news": {"description": "Once a month."},
    "civic_crm.association_kind_sports": {"active": False},
    "civic_crm.team_front_desk": {"name": "Counter"},
    "civic_crm.call_disposition_cut": {"active": False},
    "helpdesk_mgmt.helpdesk_ticket_stage_new": {"public_name": "We have it"},
    "helpdesk_mgmt.helpdesk_ticket_sequence": {"prefix": "C-"},
    "helpdesk_mgmt.helpdesk_ticket_channel_phone": {"name": "010"},
}


def test_what_the_administrator_edits_survives_an_update(resting_city):
    city = resting_city
    with city.env() as env:
        rule, automation = env["civic.stage.rule"].search([], limit=1), env["base.automation"].search([], limit=1)
        service = env.ref("civic_crm.service_street_light")
        edits = {(env.ref(xmlid)._name, env.ref(xmlid).id): vals for xmlid, vals in EDITS.items()}
        edits |= {(record._name, record.id): {"active": False} for record in (rule, automation)}
        edits[service._name, service.id] = {"name": "Lamps"}
        for (model, number), vals in edits.items():
            env[model].browse(number).write(vals)
        before = count_all(env)
    odoo(city, "module", "upgrade", "civic_crm")
    with city.env() as env:
        assert count_all(env) == before
        for (model, number), vals in edits.items():
            record = env[model].browse(number)
            assert {name: record[name] for name in vals} == vals, record


def test_campaigns_are_in_the_citizens_history_once_odoo_sends_them(resting_city):
    city = resting_city
    odoo(city, "module", "install", "mass_mailing")
    with city.env() as env:
        citizen, neighbour = (env["res.partner"].browse(city.ids[name]) for name in ("citizen", "neighbour"))
        mailing = env["mailing.mailing"].create(
            {"subject": "The market moves", "mailing_model_id": env["ir.model"]._get_id("res.partner")}
        )
        trace = {"mass_mailing_id": mailing.id, "model": "res.partner", "sent_datetime": "2026-03-01 10:00:00"}
        env["mailing.trace"].create(
            [
                {**trace, "res_id": citizen.id},
                {**trace, "res_id": citizen.id, "sent_datetime": False},
                {**trace, "res_id": citizen.id, "is_test_trace": True},
                {**trace, "res_id": neighbour.id},
            ]
        )
        for login in ("t_agent", "t_worker", "t_auditor"):
            user = env["res.users"].search([("login", "=", login)])
            assert not env["mailing.trace"].with_user(user).has_access("read")
            events = citizen.with_user(user).civic_event_ids
            assert [(event.kind, event.title) for event in events] == [("campaign", "The market moves")]
        stranger = env["res.users"].search([("login", "=", "t_employee")])
        assert not citizen.with_user(stranger).civic_event_ids
        opened = citizen.civic_event_ids.action_open()
        assert (opened["res_model"], opened["res_id"]) == ("mailing.mailing", mailing.id)
