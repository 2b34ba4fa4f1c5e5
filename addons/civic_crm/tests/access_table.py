# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what with the models of this addon and of the helpdesk base: one line a model.

A model without a line fails the test (``test_security_matrix.py``), so that nobody adds one without
thinking of who reads it. Letters as in ``assert_matrix``: r(ead), w(rite), c(reate), u(nlink); a role
that is not named may do nothing. The upper addons have a table of their own.
"""

STAFF = ("agent", "worker", "head", "manager", "admin", "auditor", "stranger", "service_manager", "employee")
OUTSIDERS = ("citizen", "neighbour", "public")
#: who works cases; ``worker`` is of the record's department, ``stranger`` of another one
WORKERS = ("worker", "head", "agent", "manager", "admin")

READ = dict.fromkeys(STAFF, "r")
ADMIN = {"admin": "rwcu"}
CONFIG = READ | ADMIN  # settings: the house reads, the administrator writes
CATALOGUE = CONFIG | {"service_manager": "rwcu"}
WIZARD = dict.fromkeys((*WORKERS, "stranger"), "rwcu")
FRONT_DESK = dict.fromkeys(("agent", "manager", "admin"), "rwcu")
PEOPLE = dict.fromkeys((*WORKERS, "stranger", "auditor"), "r")  # citizens are the whole house's
CASE = dict.fromkeys(WORKERS, "rwc") | ADMIN | {"auditor": "r"}
OF_CASE = dict.fromkeys((*WORKERS, "auditor"), "r")

#: model → rights with a record of the worker's own department, or of no department in particular
OWN = {
    "civic.association.kind": CONFIG,
    "civic.calendar.seed": ADMIN,
    "civic.calendar.seed.line": ADMIN,
    "civic.call": dict.fromkeys(("agent", "manager", "admin"), "rwc") | {"auditor": "r"},
    "civic.call.disposition": CONFIG,
    "civic.canned.answer": CATALOGUE,
    "civic.case.answer": dict.fromkeys(WORKERS, "rwcu") | {"auditor": "r"},
    "civic.case.ask": WIZARD,
    "civic.case.close": WIZARD,
    "civic.case.close.answer": WIZARD,
    "civic.case.custody": OF_CASE,
    "civic.case.custody.report": OF_CASE,
    "civic.case.deadline": OF_CASE,
    "civic.case.hand.over": WIZARD,
    "civic.case.move": WIZARD,
    "civic.case.outcome": CONFIG,
    "civic.case.reason": CONFIG,
    "civic.case.report": dict.fromkeys(("head", "manager", "admin", "auditor"), "r"),
    "civic.case.report.service": dict.fromkeys(("head", "manager", "admin", "auditor"), "r"),
    "civic.case.workbook": dict.fromkeys(("manager", "admin"), "rwcu"),
    "civic.city.settings": ADMIN,
    "civic.citizen.duplicate": dict.fromkeys(("agent", "manager", "admin", "auditor"), "r"),
    "civic.citizen.event": PEOPLE,
    "civic.citizen.find": FRONT_DESK,
    "civic.citizen.join": FRONT_DESK,
    "civic.citizen.merge": dict.fromkeys(("agent", "manager", "admin", "auditor"), "r"),
    "civic.connector": CONFIG,
    "civic.connector.refusal": dict.fromkeys(("admin", "auditor"), "r"),
    "civic.consent": PEOPLE | dict.fromkeys(("agent", "manager", "admin"), "rc"),
    "civic.consent.decide": FRONT_DESK,
    "civic.consent.purpose": CONFIG,
    "civic.consent.way": READ,
    "civic.counter.answer": FRONT_DESK,
    "civic.counter.filing": FRONT_DESK,
    "civic.deadline.alert": {"admin": "r", "auditor": "r"},
    "civic.deadline.extension": dict.fromkeys(("head", "manager", "admin"), "rc")
    | dict.fromkeys(("worker", "agent", "auditor"), "r"),
    "civic.deadline.pause": dict.fromkeys(WORKERS, "rwc") | {"auditor": "r"},
    "civic.deadline.rule": CATALOGUE,
    "civic.enquiry.answer": FRONT_DESK,
    "civic.enquiry.convert": FRONT_DESK,
    "civic.enquiry.convert.line": FRONT_DESK,
    "civic.enquiry.outcome": CONFIG,
    "civic.escalation.step": CONFIG,
    "civic.first.step": {"auditor": "r"} | ADMIN,
    "civic.identity.handle": PEOPLE,
    "civic.identity.link": FRONT_DESK,
    "civic.identity.lookup": {"admin": "r", "auditor": "r"},
    "civic.intake.answer": FRONT_DESK,
    "civic.intake.decide": FRONT_DESK,
    "civic.intake.limit": {"admin": "rwcu", "auditor": "r"},
    "civic.issue": dict.fromkeys(WORKERS, "rwc") | {"auditor": "r"},
    "civic.issue.close": WIZARD,
    "civic.issue.close.answer": WIZARD,
    "civic.issue.gather": WIZARD,
    "civic.issue.link": OF_CASE,
    "civic.intake": dict.fromkeys(("agent", "manager", "admin"), "rw") | {"auditor": "r"},  # w: decide, not type
    "civic.membership": PEOPLE | dict.fromkeys(("agent", "manager"), "rwc") | ADMIN,
    "civic.membership.role": CONFIG,
    "civic.outbox": dict.fromkeys(("agent", "manager", "admin", "auditor"), "r"),
    "civic.pause.reason": CONFIG,
    "civic.phone.extension": ADMIN | {"auditor": "r"},
    "civic.phone.system": ADMIN | {"auditor": "r"},
    "civic.referral.body": CONFIG,
    "civic.registry.counter": {"admin": "r", "auditor": "r"},
    "civic.representation": OF_CASE | dict.fromkeys(("agent", "manager", "admin"), "rwc"),
    "civic.representation.revoke": FRONT_DESK,
    "civic.route.try": WIZARD | {"service_manager": "rwcu"},
    "civic.service.question": CATALOGUE,
    "civic.service.question.option": CATALOGUE,
    "civic.service.place": READ | {"admin": "rw", "service_manager": "rw"},
    "civic.service.route": CATALOGUE,
    "civic.stage.rule": CONFIG,
    "civic.text.model": {"admin": "r", "auditor": "r"},
    "civic.text.model.line": {"admin": "r", "auditor": "r"},
    "civic.text.suggestion": dict.fromkeys(("manager", "admin", "auditor"), "r"),
    "civic.topic": CATALOGUE,
    "civic.urgent.word": CONFIG,
    "civic.zone": CONFIG,
    "civic.zone.import": ADMIN,
    "civic.zone.import.line": ADMIN,
    "civic.zone.population": CONFIG,
    "civic.zone.population.import": ADMIN,
    "helpdesk.ticket": CASE,
    "helpdesk.ticket.category": CATALOGUE | dict.fromkeys(OUTSIDERS, "r"),
    "helpdesk.ticket.channel": CONFIG,
    "helpdesk.ticket.duplicate.wizard": dict.fromkeys(("agent", "manager", "admin"), "rwcu"),
    "helpdesk.ticket.stage": CONFIG,
    "helpdesk.ticket.tag": CONFIG,
    "helpdesk.ticket.team": CONFIG,
}

#: model → rights with a record of another department than the worker's, where they differ
OTHERS = {
    model: {role: rights for role, rights in OWN[model].items() if role != "worker"} | {"stranger": strangers}
    for model, strangers in {
        "civic.case.answer": "rwcu",
        "civic.case.custody": "r",
        "civic.case.custody.report": "r",
        "civic.case.deadline": "r",
        "civic.deadline.extension": "r",
        "civic.deadline.pause": "rwc",
        "civic.intake": "",
        "civic.issue": "rwc",
        "civic.issue.link": "r",
        "civic.outbox": "",
        "civic.representation": "r",
        "civic.text.suggestion": "",
        "helpdesk.ticket": "rwc",
    }.items()
}

#: the same for what the product keeps in Odoo's own models: a citizen, an enquiry, the city's calendar, messages …
BORROWED = {
    "base.automation": {},  # runs as the system: the technical administrator's, as in all Odoo
    "crm.lead": dict.fromkeys(("agent", "manager", "admin"), "rwc") | {"auditor": "r"},
    "crm.team": READ | {"admin": "rwc"},
    "ir.attachment": CASE | dict.fromkeys(WORKERS, "rwcu"),
    "mail.activity": CASE | dict.fromkeys(WORKERS, "rwcu"),
    "mail.message": CASE | dict.fromkeys(WORKERS, "rwcu"),  # w, u: a case's is refused by the model
    "mail.template": READ | ADMIN,
    "rating.rating": OF_CASE,
    "res.partner": READ | dict.fromkeys(("agent", "manager", "admin"), "rwcu"),
    "resource.calendar": READ | {"admin": "rwc"},
    "resource.calendar.leaves": READ | ADMIN,
}

#: the models among them whose record is one case's: the worker of another department has what the own one has
BORROWED_OF_CASE = ("ir.attachment", "mail.activity", "mail.message", "rating.rating")
