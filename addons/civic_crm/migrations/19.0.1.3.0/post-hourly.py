# SPDX-License-Identifier: AGPL-3.0-or-later


def migrate(cr, version):
    """Staff hear of deadlines every hour, for terms in hours and in the morning, unless the city chose otherwise."""
    cr.execute(
        """
        UPDATE ir_cron SET interval_type = 'hours'
         WHERE interval_number = 1 AND interval_type = 'days' AND id IN (
               SELECT res_id FROM ir_model_data WHERE module = 'civic_crm' AND name = 'cron_tell_deadlines')
        """
    )
