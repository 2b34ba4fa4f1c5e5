# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two years of cases for the demo city, once.

Fed to ``odoo shell`` by ``./civic`` (which gives ``env``); CIVIC_CASES and CIVIC_SEED say how many, and which.
"""

import os

from odoo.addons.civic_crm.demo.two_years import history, write

env = globals()["env"]  # odoo shell's
count = int(os.environ.get("CIVIC_CASES") or history.CASES)
seed = int(os.environ.get("CIVIC_SEED") or history.SEED)
write.write_history(env, seed, count)
env.cr.commit()
