# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tools.sql import column_exists

TABLE = "helpdesk_ticket_category"


def migrate(cr, version):
    """Keep what the city has set: the service's code has a new name, two switches have become choices."""
    if not column_exists(cr, TABLE, "needs_place"):
        return
    cr.execute(
        """
        ALTER TABLE helpdesk_ticket_category RENAME COLUMN code TO service_code;
        ALTER TABLE helpdesk_ticket_category ADD COLUMN ask_place varchar, ADD COLUMN identification varchar;
        UPDATE helpdesk_ticket_category
           SET ask_place = CASE WHEN needs_place THEN 'required' ELSE 'no' END,
               identification = CASE WHEN allow_anonymous THEN 'anonymous' ELSE 'contact' END
        """
    )
