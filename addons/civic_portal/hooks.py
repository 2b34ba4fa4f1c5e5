# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the site back what the city's look replaced."""

REPLACED_VIEWS = (
    "helpdesk_mgmt.portal_my_home",
    "website.header_call_to_action",
    "website.header_text_element",
)


def uninstall_hook(env):
    for xmlid in REPLACED_VIEWS:
        env.ref(xmlid).active = True
