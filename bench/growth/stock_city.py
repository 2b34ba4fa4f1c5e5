# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer: plain helpdesk_mgmt, of which all may be read by whoever answers."""

from .city import City


class StockCity(City):
    staff_group = "helpdesk_mgmt.group_helpdesk_user_team"
    agent_group = "helpdesk_mgmt.group_helpdesk_user"
    manager_group = "helpdesk_mgmt.group_helpdesk_manager"
