# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write what each addon in $CIVIC_ADDONS has to translate to $CIVIC_TERMS/ADDON.pot; fed to ``odoo shell``.

The demo city is read in addition, since a visitor sees its services and departments before anything else;
nothing is committed.
"""

import os
from pathlib import Path

from odoo.modules import Manifest
from odoo.tools.convert import convert_file
from odoo.tools.translate import trans_export

env = globals()["env"]
addons = os.environ["CIVIC_ADDONS"].split(",")
for addon in addons:
    for demo in Manifest.for_addon(addon)["demo"]:
        convert_file(env, addon, demo, {}, mode="init", noupdate=True)
env.flush_all()
for addon in addons:
    with Path(os.environ["CIVIC_TERMS"], f"{addon}.pot").open("wb") as template:
        trans_export(None, [addon], template, "po", env)
