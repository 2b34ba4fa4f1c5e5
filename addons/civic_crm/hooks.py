# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaves the helpdesk base as it was found."""

#: What ``security/civic_rules.xml`` and ``data/helpdesk_base.xml`` changed in records that
#: belong to helpdesk_mgmt: the values the base ships.
BASE_RULES = {
    "helpdesk_ticket_team_rule": ("['|',('team_id','in',user.helpdesk_team_ids.ids),('team_id','=',False)]"),
    "helpdesk_ticket_personal_rule": (
        "[\"|\", ('user_id', '=', user.id), '&', ('user_id','=',False), ('team_id', 'in', user.helpdesk_team_ids.ids)]"
    ),
    "helpdesk_ticket_rule_internal_user": (
        "['|', ('partner_id', '=', user.partner_id.id), ('message_partner_ids','=',user.partner_id.id)]"
    ),
    "helpdesk_ticket_rule_portal": (
        "['|', ('partner_id', 'child_of', [user.commercial_partner_id.id]),"
        " ('message_partner_ids','child_of',[user.commercial_partner_id.id])]"
    ),
}


def uninstall_hook(env):
    """Give helpdesk_mgmt its own rules, rights and menu back."""
    for name, domain in BASE_RULES.items():
        env.ref(f"helpdesk_mgmt.{name}").domain_force = domain
    env.ref("helpdesk_mgmt.access_helpdesk_ticket_stage_public").perm_write = True
    for name in ("stage_public", "stage_portal", "team_portal", "portal"):
        env.ref(f"helpdesk_mgmt.access_helpdesk_ticket_{name}").perm_read = True
    env.ref("helpdesk_mgmt.helpdesk_ticket_main_menu").active = True
    # a mail domain stays: aliases of other modules stand on it
    env["ir.model.data"].search([("module", "=", "civic_crm"), ("model", "=", "mail.alias.domain")]).unlink()
