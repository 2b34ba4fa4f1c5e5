# SPDX-License-Identifier: AGPL-3.0-or-later
{
    "name": "Civic Portal",
    "summary": "The citizen's side: file a case, follow it, talk to the city",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "author": "Civic CRM contributors",
    "website": "https://civic-crm.example",
    "category": "Services/Civic",
    "depends": ["civic_participation", "website_livechat"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_config_parameter_data.xml",
        "data/website_data.xml",
        "templates/layout.xml",
        "templates/filing.xml",
        "templates/embed.xml",
        "templates/confirming.xml",
        "templates/tracking.xml",
        "templates/my_cases.xml",
        "views/helpdesk_ticket_category_views.xml",
        "views/civic_embed_views.xml",
        "views/civic_api_key_views.xml",
        "wizards/civic_city_settings_views.xml",
    ],
    "demo": ["demo/website_demo.xml"],
    "uninstall_hook": "uninstall_hook",
    "assets": {
        "web._assets_primary_variables": [
            (
                "after",
                "website/static/src/scss/primary_variables.scss",
                "civic_portal/static/src/scss/primary_variables.scss",
            ),
        ],
        "web.assets_frontend": ["civic_portal/static/src/scss/civic.scss"],
    },
}
