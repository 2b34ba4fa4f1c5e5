# SPDX-License-Identifier: AGPL-3.0-or-later
"""Build the asset bundles that browser tests load, once for all tests.

Fed to ``odoo shell`` by ``./civic`` (which gives ``env``). A bundle built inside a test is rolled back
with it, so every browser test would pay 10 s again.
"""

BACKEND = ("web.assets_web", "web.assets_web_print", "web.assets_tests")
FRONTEND = (
    "web.assets_frontend",
    "web.assets_frontend_minimal",
    "web.assets_frontend_lazy",
    "web.assets_tests",
)


def build(env, names, **params):
    for name in names:
        bundle = env["ir.qweb"]._get_asset_bundle(name, assets_params=params)
        if bundle.javascripts or bundle.templates:
            bundle.js()
        if bundle.stylesheets:
            bundle.css()


env = globals()["env"]  # odoo shell's
if "website" in env:
    build(env, BACKEND, website_id=False)
    for website in env["website"].search([]):
        build(env, FRONTEND, website_id=website.id)
else:
    build(env, BACKEND + FRONTEND)
env.cr.commit()
