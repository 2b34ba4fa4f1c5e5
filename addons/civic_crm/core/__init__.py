"""Rules of the city in plain Python: no Odoo import, no database, table-tested."""
