# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small city for tests, its people, and what tests of access and cost share."""

import json
from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user

OPERATIONS = ("read", "write", "create", "unlink")


class CityMixin:
    """One city: two departments with a parent, services, zones, and a user of each role.

    ``self.lighting`` and ``self.parks`` are parts of ``self.works``; ``worker`` is of
    lighting, ``stranger`` of parks, ``head`` of works. ``self.citizen`` and
    ``self.neighbour`` have portal logins of the same names.
    """

    def public_messages(self, case):
        """Return the messages that the page of *case* shows."""
        rows = case._read_public_history()
        return self.env["mail.message"].browse(sorted(row.order for row in rows if not row.field_id)).sudo()

    def write_down_changes(self):
        """Have tracked changes become messages, as the end of a request does."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    @classmethod
    def set_up_city(cls):
        env = cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.city = env.ref("base.main_company")
        cls.city.name = "Test City"
        cls.city.country_id = env.ref("base.es")
        env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "True")
        (cls.city.resource_calendar_id | cls.city.legal_calendar_id).tz = "Europe/Madrid"
        cls.alias_domain = env["mail.alias.domain"].create({"name": "city.test"})
        cls.city.alias_domain_id = cls.alias_domain
        Team = env["helpdesk.ticket.team"].with_context(mail_create_nosubscribe=True)
        cls.works = Team.create({"name": "Works", "code": "WRK"})
        cls.lighting = Team.create(
            {
                "name": "Lighting",
                "code": "LIG",
                "parent_id": cls.works.id,
                "alias_name": "lighting",
                "alias_domain_id": cls.alias_domain.id,
            }
        )
        cls.parks = Team.create(
            {
                "name": "Parks",
                "code": "PAR",
                "parent_id": cls.works.id,
                "alias_name": "parks",
                "alias_domain_id": cls.alias_domain.id,
            }
        )
        Service = env["helpdesk.ticket.category"]
        Service.search([]).active = False  # the default catalogue: this city has its own
        cls.street_light = Service.create(
            {
                "name": "Broken street light",
                "service_code": "light",
                "team_id": cls.lighting.id,
                "promise_days": 5,
            }
        )
        cls.tree = Service.create(
            {
                "name": "Fallen tree",
                "service_code": "tree",
                "team_id": cls.parks.id,
                "identification": "anonymous",
            }
        )
        cls.internal_service = Service.create(
            {"name": "Inspection", "service_code": "inspection", "show_in_portal": False}
        )
        Zone = env["civic.zone"]
        cls.whole_city = Zone.create({"name": "Test City", "kind": "city"})
        cls.centre = Zone.create({"name": "Centre", "kind": "district", "parent_id": cls.whole_city.id})
        cls.old_town = Zone.create({"name": "Old Town", "parent_id": cls.centre.id})
        cls.web = env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        cls.set_up_people()

    @classmethod
    def set_up_people(cls):
        env = cls.env
        cls.users = {}
        for role in ("agent", "worker", "head", "manager", "admin", "auditor"):
            cls.users[role] = new_test_user(env, f"t_{role}", groups=f"civic_crm.group_{role}", name=role.title())
        cls.users["stranger"] = new_test_user(env, "t_stranger", groups="civic_crm.group_worker")
        cls.users["employee"] = new_test_user(env, "t_employee", groups="base.group_user")
        for name in ("citizen", "neighbour"):
            user = new_test_user(
                env,
                f"t_{name}",
                groups="base.group_portal",
                name=name.title(),
                email=f"{name}@home.test",
            )
            user.partner_id.write({"is_citizen": True, "lang": "en_US"})
            cls.users[name] = user
        cls.users["public"] = env.ref("base.public_user")
        cls.citizen = cls.users["citizen"].partner_id
        cls.neighbour = cls.users["neighbour"].partner_id
        cls.lighting.user_ids = [Command.set(cls.users["worker"].ids)]
        cls.parks.user_ids = [Command.set(cls.users["stranger"].ids)]
        cls.works.user_ids = [Command.set(cls.users["head"].ids)]

    @classmethod
    def draw_zones(cls):
        """Give the zones boundaries: the city a square of 4°, the centre its west half, the old town a corner of that."""
        for zone, box in (
            (cls.whole_city, (0, 40, 4, 44)),
            (cls.centre, (0, 40, 2, 44)),
            (cls.old_town, (0, 40, 2, 42)),
        ):
            zone.boundary = cls.square(*box)

    @staticmethod
    def square(west, south, east, north):
        """Return a boundary as GeoJSON text."""
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return json.dumps({"type": "Polygon", "coordinates": [ring]})

    @classmethod
    def file_case(cls, service=None, partner=None, **vals):
        """Return a case as the intake would make it, without mail."""
        service = service or cls.street_light
        return (
            cls.env["helpdesk.ticket"]
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
            .create(
                {
                    "name": f"{service.name} · Main Street 3",
                    "description": "<p>It does not work.</p>",
                    "category_id": service.id,
                    "channel_id": cls.web.id,
                    "partner_id": (partner or cls.citizen).id,
                    "partner_email": (partner or cls.citizen).email,
                    **vals,
                }
            )
        )

    @classmethod
    def file_many(cls, count=100, **vals):
        """Return *count* cases filed in one call, as an intake that has much to do would make them."""
        return cls.get_filing_model().create(cls.make_batch(count, **vals))

    @classmethod
    def get_filing_model(cls):
        return cls.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)

    @classmethod
    def make_batch(cls, count=100, **vals):
        """Return the values of *count* cases of the citizen's, all of one service."""
        common = {
            "description": "x",
            "category_id": cls.street_light.id,
            "channel_id": cls.web.id,
            "partner_id": cls.citizen.id,
            **vals,
        }
        return [{"name": f"Case {number}", **common} for number in range(count)]


class SecurityMatrixMixin:
    """Asserts who may do what: every role, every operation, nothing left out."""

    def assert_matrix(self, records, expected, create_vals=None):
        """Check *records* against a matrix of rights.

        :param records: the records tried, in a superuser environment
        :param dict expected: role → string of the operations allowed, by initial letter
            (``"rwcu"``: read, write, create, unlink); a role not named may do nothing
        :param dict create_vals: values with which creation is tried for real
        """
        for role, user in self.users.items():
            allowed = expected.get(role, "")
            for operation in OPERATIONS:
                with self.subTest(role=role, operation=operation):
                    self.env.invalidate_all()
                    may = self._may(records.with_user(user), operation, create_vals)
                    self.assertEqual(
                        may,
                        operation[0] in allowed,
                        f"{role} {'may' if may else 'may not'} {operation} {records._name}",
                    )

    def _may(self, records, operation, create_vals):
        if operation == "create" and create_vals is not None:
            try:
                with self.env.cr.savepoint() as savepoint:
                    records.browse().create(dict(create_vals))
                    savepoint.rollback()
            except AccessError:
                return False
            return True
        return records.has_access(operation)


class QueryBudgetMixin:
    """Asserts what an operation costs in queries, per record."""

    @contextmanager
    def assert_queries_at_most(self, limit):
        """Fail when the block takes more than *limit* queries, flushed and cold."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        yield
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        self.assertLessEqual(count, limit, f"{count} queries, at most {limit} allowed")


class CityCase(CityMixin, SecurityMatrixMixin, QueryBudgetMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
