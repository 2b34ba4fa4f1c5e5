# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Cases from before the clock get their deadlines, by a cron in batches, when the update is done."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["helpdesk.ticket"]._schedule_missing_deadlines()
    _tell_reasons_to_citizens(env)


def _tell_reasons_to_citizens(env):
    """The page of a case tells why its clock stands: reasons that ship have words for it, where nobody wrote any."""
    reason = env.ref("civic_crm.pause_reason_complete", raise_if_not_found=False)
    if reason and not reason.public_name:
        reason.is_citizens_turn = True
