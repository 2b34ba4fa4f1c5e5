# SPDX-License-Identifier: AGPL-3.0-or-later
"""What both cities have alike: departments, services, citizens, four years of cases, a few open."""

from .rows import Rows, one_of, pick

DEPARTMENTS, SERVICES, STAFF = 8, 40, 24
#: Of the citizens with cases the first has the login with which the citizen's list is measured; the last few have
#: no case, so that they can be deleted.
CASES_A_CITIZEN = 5
WITHOUT_CASES = 20
YEARS = 4
#: Of a hundred cases so many are open, all of them among the newest eight of a hundred.
OPEN = 3
#: A task waits for every so-manieth case, all of them open ones; a message was written on every so-manieth.
TASKS, MESSAGES = 100, 5
WORDS = ("farola", "bache", "contenedor", "ruido", "fuga", "arbol", "semaforo", "pintada", "acera", "banco")

#: Of the i-th case of N: a number that looks drawn by lot, 0 to 99; whether it is open; when it was filed.
LOT = "(i::bigint * 7919 %% 9973 %% 100)"
IS_OPEN = f"(i > {{size}} * 0.92 AND {LOT} < {round(OPEN * 100 / 8)})"
FILED = f"(now() AT TIME ZONE 'UTC' - ({{size}} - i) * interval '{YEARS * 365} days' / {{size}} - interval '1 hour')"
CLOSED = f"least({FILED} + ({LOT} + 1) * interval '3 hours', now() AT TIME ZONE 'UTC')"


class City:
    """Fills one database; a subclass says what its addons want besides.

    :param env: of the superuser
    :param size: number of cases
    """

    login = "bench_agent"
    manager_login = "bench_manager"
    citizen_login = "bench_citizen"
    staff_group = agent_group = manager_group = None

    def __init__(self, env, size):
        self.env, self.size = env, size
        self.rows = Rows(env.cr)
        self.citizens = max(size // CASES_A_CITIZEN, 50)

    def fill(self):
        self.env = self.env(context={**self.env.context, "tracking_disable": True, "no_reset_password": True})
        self.settle()
        self.env.flush_all()
        with self.rows.without_indexes(*self.get_tables()):
            first_partner = self.add_citizens()
            first_case = self.add_cases(first_partner)
            self.add_surroundings(first_case, first_partner)
        self.env.cr.commit()

    def get_tables(self):
        return ["res_partner", "helpdesk_ticket", "mail_followers", "mail_message", "mail_activity"]

    # what there are few of, through the ORM

    def settle(self):
        env = self.env
        env.company.country_id = env.ref("base.es")
        self.teams = env["helpdesk.ticket.team"].create([{"name": f"Department {n}"} for n in range(DEPARTMENTS)])
        self.services = env["helpdesk.ticket.category"].create(
            [{"name": f"Service {n}", **self.prepare_service(n)} for n in range(SERVICES)]
        )
        self.staff = env["res.users"].create(
            [self.prepare_user(f"bench_staff_{n}", self.staff_group) for n in range(STAFF)]
        )
        for number, user in enumerate(self.staff):
            self.teams[number % DEPARTMENTS].user_ids += user
        for login, group in ((self.login, self.agent_group), (self.manager_login, self.manager_group)):
            env["res.users"].create(self.prepare_user(login, group))
        stages = env["helpdesk.ticket.stage"].search([], order="sequence, id")
        self.open_stages, self.closed_stages = stages.filtered(lambda s: not s.closed), stages.filtered("closed")
        self.channels = env["helpdesk.ticket.channel"].search([])

    def prepare_user(self, login, group):
        return {"name": login, "login": login, "email": f"{login}@city.example", "group_ids": [self.env.ref(group).id]}

    def prepare_service(self, number):
        return {}

    def prepare_citizen(self):
        return {"name": "Ana Citizen", "email": "citizen0@home.example", "lang": "es_ES"}

    def prepare_case(self, partner):
        return {
            "name": "Broken",
            "description": "<p>It has been so since Sunday, and people cross there.</p>",
            "partner_id": partner.id,
            "team_id": self.teams[0].id,
            "category_id": self.services[0].id,
            "channel_id": self.channels[0].id,
        }

    # what there are many of, by SQL

    def add_citizens(self):
        """Return the id of the first copied citizen, who has the citizen's login."""
        model = self.env["res.partner"].create(self.prepare_citizen())
        self.env.flush_all()
        columns = self.get_citizen_columns()
        first, last = self.rows.repeat("res_partner", model.id, self.citizens + WITHOUT_CASES, columns)
        self.env.cr.execute(
            "UPDATE res_partner SET commercial_partner_id = id WHERE id BETWEEN %s AND %s", [first, last]
        )
        self.env["res.users"].create(
            {
                **self.prepare_user(self.citizen_login, "base.group_portal"),
                "password": self.citizen_login,
                "partner_id": first,
            }
        )
        self.env.flush_all()
        return first

    def get_citizen_columns(self):
        columns = dict.fromkeys(("name", "complete_name"), "'Citizen ' || i")
        return columns | dict.fromkeys(("email", "email_normalized"), "'citizen' || i || '@home.example'")

    def add_cases(self, first_partner):
        self.first_partner = first_partner
        self.model = self.env["helpdesk.ticket"].create(
            self.prepare_case(self.env["res.partner"].browse(first_partner))
        )
        self.env.flush_all()
        return self.rows.repeat("helpdesk_ticket", self.model.id, self.size, self.get_case_columns())[0]

    def get_case_columns(self):
        size, n = self.size, self.citizens
        # the citizen with the login has as many cases as the others; the multiplier shares no factor with their number
        citizen = f"{self.first_partner} + (i::bigint * 104729 %% {n})"
        words = "(ARRAY[{}])[1 + i %% {}]".format(", ".join(f"'{word}'" for word in WORDS), len(WORDS))
        is_open, filed, closed = (text.format(size=size) for text in (IS_OPEN, FILED, CLOSED))
        closed_stage = pick(
            [(f"{LOT} < {limit}", str(stage.id)) for limit, stage in zip((90, 95), self.closed_stages, strict=False)],
            str(self.closed_stages[-1].id),
        )
        open_stage = one_of(self.open_stages.ids, LOT)
        service = f"(i::bigint * 31 + {LOT})"
        return {
            "number": "'C' || lpad(i::text, 8, '0')",
            "name": f"{words} || ' en la calle ' || (i::bigint * 7 %% 2003) || ', junto a ' || left(md5(i::text), 8)",
            "partner_id": citizen,
            "commercial_partner_id": citizen,
            "partner_name": f"'Citizen ' || (1 + i::bigint * 104729 %% {n})",
            "partner_email": f"'citizen' || (1 + i::bigint * 104729 %% {n}) || '@home.example'",
            "category_id": one_of(self.services.ids, service),
            "team_id": one_of(self.teams.ids, service),
            "user_id": pick([(f"{LOT} < 80", one_of(self.staff.ids, f"{service} + {LOT}"))]),
            "channel_id": one_of(self.channels.ids, LOT),
            "priority": pick([(f"{LOT} < 5", "'3'"), (f"{LOT} < 20", "'2'")], "'1'"),
            "stage_id": pick([(is_open, open_stage)], closed_stage),
            "unattended": pick([(is_open, f"{open_stage} = {self.open_stages[0].id}")], "FALSE"),
            "create_date": filed,
            "write_date": pick([(is_open, filed)], closed),
            "last_stage_update": pick([(is_open, filed)], closed),
            "closed_date": pick([(is_open, "NULL")], closed),
        }

    def add_surroundings(self, first_case, first_partner):
        """Followers of every case, messages on some, tasks on some open ones."""
        env, size = self.env, self.size
        env.cr.execute("DELETE FROM mail_message WHERE model = 'helpdesk.ticket'")
        env.cr.execute("DELETE FROM mail_followers WHERE res_model = 'helpdesk.ticket'")
        env.cr.execute(
            "INSERT INTO mail_followers (res_model, res_id, partner_id)"
            " SELECT 'helpdesk.ticket', id, partner_id FROM helpdesk_ticket WHERE id >= %s",
            [first_case],
        )
        message = env["mail.message"].create(
            {
                "model": "helpdesk.ticket",
                "res_id": first_case,
                "body": "<p>We come on Thursday.</p>",
                "message_type": "comment",
                "subtype_id": env.ref("mail.mt_comment").id,
                "author_id": self.staff[0].partner_id.id,
            }
        )
        env.flush_all()
        self.rows.repeat(
            "mail_message",
            message.id,
            size // MESSAGES,
            {"res_id": f"{first_case} + (i - 1) * {MESSAGES}", "message_id": "'<bench-' || i || '@city.example>'"},
        )
        task = env["mail.activity"].create(
            {
                "res_model_id": env["ir.model"]._get_id("helpdesk.ticket"),
                "res_id": first_case,
                "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
                "user_id": self.staff[0].id,
                "summary": "Call",
            }
        )
        env.flush_all()
        waiting = f"(SELECT id FROM helpdesk_ticket WHERE id >= {first_case} AND closed_date IS NULL"
        self.rows.repeat(
            "mail_activity",
            task.id,
            (f"{waiting} ORDER BY id LIMIT {size // TASKS}) AS ticket", "ticket.id"),
            {"res_id": "ticket.id", "date_deadline": "current_date + ticket.id %% 7 - 3"},
        )
        # the rows that the others were made of are no city's
        env.cr.execute("UPDATE helpdesk_ticket SET active = FALSE WHERE id = %s", [self.model.id])
        env.cr.execute("DELETE FROM mail_activity WHERE id = %s", [task.id])
