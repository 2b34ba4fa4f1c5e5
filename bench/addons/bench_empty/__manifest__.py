# SPDX-License-Identifier: AGPL-3.0-or-later
{
    "name": "An empty route to measure against",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "author": "Civic CRM contributors",
    "website": "https://civic-crm.example",
    "category": "Hidden",
    "depends": ["base"],
}
