# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models
from odoo.tools import SQL


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _wake(self, xml_id):
        """Have a job run soon, unless it has been called already and has not come yet.

        Each call writes a row and, on commit, opens a connection to PostgreSQL's own database: more than filing a
        case costs. In a rush one call does for all; the job takes what it finds when it comes, and its interval
        covers whatever slips in between.

        :param str xml_id: of an ``ir.cron`` that takes all there is to do at each run
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(xml_id, raise_if_not_found=True)
        waiting = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM ir_cron_trigger
                 WHERE cron_id = %s AND call_at <= clock_timestamp() AT TIME ZONE 'UTC' LIMIT 1
                """,
                cron_id,
            )
        )
        if not waiting:
            self.sudo().browse(cron_id)._trigger()
