# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what with the models of this addon: one line a model, as in civic_crm's table."""

#: Staff, whose rights with what hangs on a case of the lighting's are asked here.
STAFF = ("agent", "worker", "head", "manager", "admin", "auditor")

OWN = {
    "civic.api.key": {"admin": "rwcu", "auditor": "r"},
    "civic.api.usage": {"admin": "r", "auditor": "r"},
    "civic.embed": {"admin": "rwcu", "auditor": "r"},
    "civic.open311.forward": dict.fromkeys(STAFF, "r"),
    "civic.open311.server": dict.fromkeys((*STAFF, "stranger"), "r") | {"admin": "rwcu"},
    "civic.open311.server.service": dict.fromkeys((*STAFF, "stranger"), "r") | {"admin": "rwcu"},
    "civic.rate.limit": {"admin": "r", "auditor": "r"},
}
