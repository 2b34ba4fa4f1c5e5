# SPDX-License-Identifier: AGPL-3.0-or-later
{
    "name": "Civic Participation",
    "summary": "Participatory processes and their dated phases",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "author": "Civic CRM contributors",
    "website": "https://civic-crm.example",
    "category": "Services/Civic",
    "depends": ["civic_crm"],
    "data": [
        "security/participation_groups.xml",
        "security/ir.model.access.csv",
        "security/participation_rules.xml",
        "data/civic_process_kind_data.xml",
        "views/civic_process_kind_views.xml",
        "views/civic_process_phase_views.xml",
        "views/civic_process_views.xml",
        "views/menus.xml",
    ],
    "demo": ["demo/civic_process_demo.xml"],
}
