# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what with the models of this addon: one line a model, as in civic_crm's table."""

OWN = {
    "civic.api.key": {"admin": "rwcu", "auditor": "r"},
    "civic.api.usage": {"admin": "r", "auditor": "r"},
    "civic.embed": {"admin": "rwcu", "auditor": "r"},
    "civic.rate.limit": {"admin": "r", "auditor": "r"},
}
