# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from odoo.addons.civic_crm.tests import test_security_matrix as base
from odoo.addons.civic_crm.tests.common import CityCase

from . import access_table


@tagged("post_install", "-at_install")
class TestPortalSecurityMatrix(base.EveryModelMixin, CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = cls.env["civic.open311.server"].create({"name": "Contractor", "address": "https://contractor.test"})
        server.line_ids = [(0, 0, {"service_id": cls.street_light.id, "code": "light"})]
        cls.file_case()

    def test_every_model_has_a_row(self):
        self.assert_every_model_has_a_row(("civic_portal",), access_table.OWN)

    def test_own(self):
        self.assert_table(access_table.OWN, self.get_any_record)
