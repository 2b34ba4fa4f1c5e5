# SPDX-License-Identifier: AGPL-3.0-or-later


def migrate(cr, version):
    """Before every update our actions let go of their addresses: one may have become another action's.

    No two actions may have the same, and the data give each its own again, one after the other.
    """
    cr.execute(
        """
        UPDATE ir_actions SET path = NULL
         WHERE path IS NOT NULL AND id IN (
               SELECT res_id FROM ir_model_data WHERE module = 'civic_crm' AND starts_with(model, 'ir.actions.'))
        """
    )
