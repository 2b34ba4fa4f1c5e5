"""Rules of the citizen's pages in plain Python: no Odoo import, table-tested."""
