# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the helpdesk's own cases in, and leaves the base as it was found."""

from odoo.tools import SQL

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


#: Foreign keys of the base that are stricter here: table, column, table, what the base does on deletion.
BASE_KEYS = (
    ("helpdesk_ticket_category", "parent_id", "helpdesk_ticket_category", "CASCADE"),
    ("helpdesk_ticket", "category_id", "helpdesk_ticket_category", "SET NULL"),
    ("helpdesk_ticket", "team_id", "helpdesk_ticket_team", "SET NULL"),
)


def post_init_hook(env):
    """Cases that the helpdesk had before get their deadlines, in batches."""
    if env["helpdesk.ticket"].with_context(active_test=False).search_count([("deadline_ids", "=", False)], limit=1):
        env["helpdesk.ticket"]._schedule_missing_deadlines()


def uninstall_hook(env):
    """Give helpdesk_mgmt its own rules, rights and menu back."""
    _loosen_keys(env)
    for name, domain in BASE_RULES.items():
        env.ref(f"helpdesk_mgmt.{name}").domain_force = domain
    env.ref("helpdesk_mgmt.access_helpdesk_ticket_stage_public").perm_write = True
    for name in ("stage_public", "stage_portal", "team_portal", "portal"):
        env.ref(f"helpdesk_mgmt.access_helpdesk_ticket_{name}").perm_read = True
    env.ref("helpdesk_mgmt.helpdesk_ticket_main_menu").active = True
    # a mail domain stays: aliases of other modules stand on it
    env["ir.model.data"].search([("module", "=", "civic_crm"), ("model", "=", "mail.alias.domain")]).unlink()


def _loosen_keys(env):
    """Let what is ours go in any order: the keys of our tables go with them, those of the base become its own."""
    own = env.execute_query(
        SQL(
            """
            SELECT class.relname, key.conname FROM pg_constraint AS key
              JOIN pg_class AS class ON class.oid = key.conrelid
             WHERE key.contype = 'f' AND starts_with(class.relname, 'civic_')
            """
        )
    )
    for table, key in own:
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(key)))
    env.cr.execute(SQL("UPDATE res_company SET legal_calendar_id = NULL"))
    for table, column, target, action in BASE_KEYS:
        key = SQL.identifier(f"{table}_{column}_fkey")
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", SQL.identifier(table), key))
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (id) ON DELETE %s",
                SQL.identifier(table),
                key,
                SQL.identifier(column),
                SQL.identifier(target),
                SQL(action),
            )
        )
