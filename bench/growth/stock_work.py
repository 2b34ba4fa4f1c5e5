# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the peer's people do with their tickets."""

from .stock_city import StockCity
from .work import Work


class StockWork(Work):
    city = StockCity
    #: the list has a handle, by which the web client sorts
    list_order = "sequence ASC, id ASC"
    #: the action has no filter
    board_domain = ()
    date_field = "create_date"
    number_fields = ("number", "name")

    def count_by_department_and_month(self):
        return self.pivot("helpdesk.ticket", "create_date:month", ["__count"])

    def draw_department_and_month(self):
        return self.graph("helpdesk.ticket", "create_date:month", ["__count"])

    def show_own_cases(self):
        """As ``/my/tickets`` finds and shows them: one page, newest first."""
        Ticket = self.as_user(self.city.citizen_login)["helpdesk.ticket"]
        count = Ticket.search_count([])
        tickets = Ticket.search([], order="create_date desc", limit=80)
        for ticket in tickets:
            ticket.mapped("stage_id.name"), ticket.name, ticket.number, ticket.create_date, ticket.last_stage_update
        return {"count": count, "shown": len(tickets)}
