# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people do with cases: each method is one operation by one person, in a transaction that is taken back."""

import hashlib

from lxml import etree

from .city import City

PAGE = 80  # of lists
COUNT_LIMIT = 10_001  # the web client counts no further
BATCH = 1000


class Work:
    """Operations on the filled database of *env*, the superuser's; a subclass knows what its addons call things.

    An operation returns what tells whether two sides did the same, and may be asked again and again.
    """

    city = City
    #: what a list is sorted by when it opens
    list_order = ""
    board_order = ""
    board_domain = ()
    date_field = "create_date"
    number_fields = ()

    def __init__(self, env, size):
        self.root = env
        self.size = size
        self.turn, self.users = 0, {}
        Ticket = env["helpdesk.ticket"]
        self.service_ids = env["helpdesk.ticket.category"].search([("name", "like", "Service %")], order="id").ids
        self.team_ids = env["helpdesk.ticket.team"].search([("name", "like", "Department %")], order="id").ids
        self.channel_id = env["helpdesk.ticket.channel"].search([], limit=1).id
        self.partner_ids = env["res.partner"].search([("name", "=like", "Citizen _%")], order="id desc", limit=200).ids
        self.last_id = Ticket.search([("number", "=", f"C{size:08}")]).id
        self.names = {kind: self._find_list(kind) for kind in ("list", "kanban")}

    def as_user(self, login):
        if login not in self.users:
            user = self.root["res.users"].search([("login", "=", login)])
            self.users[login] = user.id, user.company_ids.ids
        user_id, company_ids = self.users[login]
        context = {"lang": "en_US", "tz": "Europe/Madrid", "uid": user_id, "allowed_company_ids": company_ids}
        return self.root(user=user_id, su=False, context=context)

    @property
    def tickets(self):
        return self.as_user(self.city.login)["helpdesk.ticket"]

    # filing

    def file_one(self):
        return len(self.tickets.create(self.prepare_cases(1)))

    def file_batch(self):
        return len(self.tickets.create(self.prepare_cases(min(BATCH, self.size))))

    def prepare_cases(self, count):
        return [self.prepare_case(number) for number in range(count)]

    def prepare_case(self, number):
        return {
            "name": f"Street light dark at Calle Mayor {number}",
            "description": "<p>It has been dark since Sunday, and people cross there.</p>",
            "category_id": self.service_ids[number % len(self.service_ids)],
            "team_id": self.team_ids[number % len(self.team_ids)],
            "channel_id": self.channel_id,
            "partner_id": self.partner_ids[number % len(self.partner_ids)],
        }

    # lists, as the web client asks for them

    def read_list(self, domain=(), order=None):
        order = order or self.list_order
        return self.tickets.web_search_read(
            list(domain), self.names["list"], limit=PAGE, order=order, count_limit=COUNT_LIMIT
        )["length"]

    def open_list(self):
        return self.read_list()

    def list_by_date(self):
        return self.read_list(order=f"{self.date_field} DESC")

    def list_open(self):
        return self.read_list([("closed_date", "=", False)])

    def list_service(self):
        return self.read_list([("category_id", "child_of", self.service_ids[7])])

    def search_number(self):
        number = f"C{self.size // 2:08}"
        return self.read_list(
            ["|"] * (len(self.number_fields) - 1) + [(name, "ilike", number) for name in self.number_fields]
        )

    def search_title(self):
        """A name that one title has."""
        return self.read_list([("name", "ilike", self._get_rare_word())])

    def search_phrase(self):
        """The same with words before it that every title has: an index of trigrams has long lists to go through."""
        return self.read_list([("name", "ilike", f", junto a {self._get_rare_word()}")])

    def _get_rare_word(self):
        return hashlib.md5(str(self.size // 2).encode(), usedforsecurity=False).hexdigest()[:8]

    # board

    def open_board(self):
        return self.read_board(self.board_domain)

    def open_board_of_all(self):
        return self.read_board(())

    def open_board_of_open(self):
        return self.read_board([("closed_date", "=", False)])

    def read_board(self, domain):
        """The two calls with which the web client opens a board."""
        board = self.tickets.with_context(read_group_expand=True)
        specification = self.names["kanban"]
        groups = board.web_read_group(
            list(domain),
            ["stage_id"],
            self._get_aggregates(specification),
            limit=80,
            offset=0,
            order=self.board_order,
            auto_unfold=True,
            opening_info=None,
            unfold_read_specification=specification,
            unfold_read_default_limit=PAGE,
            groupby_read_specification={},
        )
        colors = {"planned": "success", "today": "warning", "overdue": "danger"}
        bars = self.tickets.read_progress_bar(
            list(domain), "stage_id", {"colors": colors, "field": "activity_state", "help": None}
        )
        shown = sum(len(group.get("__records", ())) for group in groups["groups"])
        return {"shown": shown, "bars": sum(sum(bar.values()) for bar in bars.values())}

    def _get_aggregates(self, specification):
        """What the web client sums up: every field shown that has an aggregator (``getAggregateSpecifications``)."""
        described = self.tickets.fields_get(list(specification), ["aggregator", "type"])
        numeric = ("integer", "float", "monetary")
        return [
            f"{name}:{field['aggregator']}"
            for name, field in described.items()
            if field.get("aggregator") and field["type"] in numeric
        ]

    def _find_list(self, kind):
        """Return what the web client reads of the default list or board (``getFieldsSpec``), from its view."""
        model = self.tickets
        arch = etree.fromstring(model.get_view(view_type=kind)["arch"])
        specification = {}
        for node in arch.iter("field"):
            field = model._fields[node.get("name")]
            if field.type == "many2one":
                specification[field.name] = {"fields": {"display_name": {}}}
            elif field.type == "many2many" and node.get("widget") == "many2many_tags":
                color = {"color": {}} if "color_field" in node.get("options", "") else {}
                specification[field.name] = {"fields": {"display_name": {}, **color}}
            else:
                specification[field.name] = {}
        bars = [node.get("field") for node in arch.iter("progressbar")]
        return specification | {name: {} for name in bars}

    # figures

    def pivot(self, model, month, aggregates):
        sets = [[], [month], ["team_id"], ["team_id", month]]
        figures = self.as_user(self.city.manager_login)[model].formatted_read_grouping_sets([], sets, aggregates)
        return len(figures[-1])

    def graph(self, model, month, aggregates):
        figures = self.as_user(self.city.manager_login)[model].formatted_read_group([], [month, "team_id"], aggregates)
        return len(figures)

    # citizens

    def delete_citizen(self):
        """Of those without cases; another one each time."""
        self.turn += 1
        return self.root["res.partner"].browse(self.partner_ids[self.turn % 20]).unlink()
