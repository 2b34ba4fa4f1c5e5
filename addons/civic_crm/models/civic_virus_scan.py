# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models

from ..core import clamd


class Found:
    """Names of the viruses found while one message is worked off; in the context as ``civic_found``.

    What a scan finds outlives the savepoint in which it was found. No client can put an object into the context.
    """

    def __init__(self):
        self.viruses = []


class CivicVirusScan(models.AbstractModel):
    """Files that arrive are shown to clamd where the city runs one (system parameter ``civic_crm.clamd_address``)."""

    _name = "civic.virus.scan"
    _description = "Scan of files that arrive"

    @api.model
    def _split_files(self, files):
        """Return ``(files that may be kept, notes)``; without a scanner, all of them.

        :param files: ``(name, bytes or str, …)`` of each
        :return: the files as they were, and sentences for staff about what was not kept or not looked at
        :raises clamd.ScannerDown: when the city wants to wait for its scanner rather than go on without
        """
        read = self.env["ir.config_parameter"].sudo().get_param
        address = read("civic_crm.clamd_address")
        if not address:
            return list(files), []
        kept, notes = [], []
        for file in files:
            data = file[1] if isinstance(file[1], bytes) else str(file[1]).encode("utf-8", "surrogateescape")
            try:
                virus = clamd.find_virus(address, data)
            except clamd.ScannerDown:
                if read("civic_crm.clamd_when_down") != "accept":
                    raise
                notes.append(self.env._("“%(file)s” was not scanned for viruses: no scanner answered.", file=file[0]))
                virus = ""
            if virus:
                if isinstance(found := self.env.context.get("civic_found"), Found):
                    found.viruses.append(virus)
                notes.append(
                    self.env._("“%(file)s” was not attached: it carries %(virus)s.", file=file[0], virus=virus)
                )
            else:
                kept.append(file)
        return kept, notes
