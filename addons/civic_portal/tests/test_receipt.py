# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestReceipt(PortalCase):
    def test_whoever_holds_the_code_prints_the_receipt(self):
        case = self.file_case(partner=self.citizen)
        page = self.url_open(f"/cases/{case.tracking_code}/receipt")
        self.assertEqual(page.status_code, 200)
        self.assertIn(case.number, page.text)
        self.assertIn("<svg", page.text, "the QR code of the page where the case is followed")
        self.assertIn(f"/cases/{case.tracking_code}", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn(
            f"/cases/{case.tracking_code}/receipt", self.url_open(f"/cases/{case.tracking_code}").text, "linked from it"
        )

    def test_no_code_no_receipt(self):
        self.assertEqual(self.url_open("/cases/0000-0000-0000/receipt").status_code, 404)
