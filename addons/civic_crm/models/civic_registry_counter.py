# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.tools import SQL


class CivicRegistryCounter(models.Model):
    """The last entry number given in a year: the only place it comes from.

    Ley 39/2015, art. 16.2 wants entries in the order of their arrival, each with a number. A
    number is drawn in the transaction that writes the case: one that is rolled back gives its
    numbers back, and two at once wait for each other. The second of two then fails with a
    serialisation error and is tried again by the server, as with every "no gap" sequence.
    """

    _name = "civic.registry.counter"
    _description = "Registry counter"
    _log_access = False
    _rec_name = "year"
    _order = "year desc, company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    year = fields.Integer(required=True, readonly=True)
    last_number = fields.Integer(required=True, readonly=True)

    _company_year_unique = models.UniqueIndex("(company_id, year)")

    @api.model
    def _draw(self, company, year, count):
        """Return *count* consecutive numbers of *year*, as a ``range``; locks the counter till the commit.

        :raises psycopg2.errors.SerializationFailure: when another transaction has drawn since
            this one began; ``odoo.service.model.retrying`` begins anew
        """
        [(last,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO civic_registry_counter AS counter (company_id, year, last_number) VALUES (%s, %s, %s)
                ON CONFLICT (company_id, year)
                DO UPDATE SET last_number = counter.last_number + EXCLUDED.last_number RETURNING last_number
                """,
                company.id,
                year,
                count,
            )
        )
        return range(last - count + 1, last + 1)
