# SPDX-License-Identifier: AGPL-3.0-or-later
import re

from odoo.tests import HttpCase

from odoo.addons.civic_crm.tests.common import CityMixin, QueryBudgetMixin

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class PortalCase(CityMixin, QueryBudgetMixin, HttpCase):
    """A city with its website in English, visited without a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        website = cls.env.ref("website.default_website")
        english = cls.env.ref("base.lang_en")
        website.write({"language_ids": [(6, 0, english.ids)], "default_lang_id": english.id})

    def post(self, path, form=None, files=None, page=None):
        """Send a form as a browser does: from its page, with that page's token.

        :param str page: where the form stands; by default the path it is sent to
        """
        token = CSRF.search(self.url_open(page or path).text)
        data = dict(form or {}, csrf_token=token.group(1) if token else "")
        return self.url_open(path, data=data, files=files, allow_redirects=False)

    def last_case(self):
        return self.env["helpdesk.ticket"].search([], order="id desc", limit=1)
