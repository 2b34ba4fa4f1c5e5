# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what with the models of this addon: one line a model, as in civic_crm's table."""

HOUSE = ("agent", "worker", "head", "manager", "admin", "auditor", "stranger", "employee", "officer")
READ = dict.fromkeys(HOUSE, "r")

OWN = {
    "civic.process": READ | dict.fromkeys(("officer", "manager"), "rwc") | {"admin": "rwcu"},
    "civic.process.kind": READ | {"admin": "rwcu"},
    "civic.process.phase": READ | dict.fromkeys(("officer", "manager", "admin"), "rwcu"),
}
