# SPDX-License-Identifier: AGPL-3.0-or-later


def migrate(cr, version):
    """The city's settings have a page of their own: the part in Odoo's settings goes before its fields do."""
    cr.execute(
        """
        DELETE FROM ir_ui_view WHERE id IN (
            SELECT res_id FROM ir_model_data
             WHERE module = 'civic_crm' AND model = 'ir.ui.view' AND name = 'res_config_settings_view_form'
        );
        DELETE FROM ir_model_data WHERE module = 'civic_crm' AND name = 'res_config_settings_view_form'
        """
    )
