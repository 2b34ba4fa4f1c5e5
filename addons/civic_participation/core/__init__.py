"""Rules of participation in plain Python: no Odoo import, no database, table-tested."""
