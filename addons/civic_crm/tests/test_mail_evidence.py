# SPDX-License-Identifier: AGPL-3.0-or-later
import email
import email.policy
import unittest

from ..core import tracking_code
from ..core.intake import storable
from ..core.mail_evidence import bounce_reason, dmarc_verdict

BOUNCE = """\
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

Sorry.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.home.test

Final-Recipient: rfc822; eva@home.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User
 unknown
--x--
"""


class TestMailEvidence(unittest.TestCase):
    def parse(self, text):
        return email.message_from_string(text, policy=email.policy.SMTP)

    def verdict(self, *results, server="mx.city.test"):
        headers = "".join(f"Authentication-Results: {result}\n" for result in results)
        return dmarc_verdict(self.parse(f"{headers}\nx"), server)

    def test_only_the_citys_own_server_is_believed(self):
        self.assertEqual(self.verdict("mx.city.test; spf=pass; dmarc=fail header.from=home.test"), "fail")
        self.assertEqual(self.verdict("MX.city.test 1; dmarc = pass (p=reject; dmarc=fail)"), "pass")
        self.assertEqual(self.verdict("mx.evil.test; dmarc=pass"), "")
        self.assertEqual(self.verdict("mx.evil.test; dmarc=pass", "mx.city.test; dmarc=fail"), "fail")
        self.assertEqual(self.verdict("mx.city.test; none"), "")
        self.assertEqual(self.verdict("mx.city.test; x-dmarc=fail"), "")
        self.assertEqual(self.verdict("mx.city.test; dmarc=fail", server=""), "")

    def test_what_the_border_server_wrote_last_counts(self):
        """It stands on top; below may stand what a sender wrote."""
        self.assertEqual(self.verdict("mx.city.test; dmarc=fail", "mx.city.test; dmarc=pass"), "fail")

    def test_a_bounce_says_why(self):
        self.assertEqual(bounce_reason(self.parse(BOUNCE)), "5.1.1 550 5.1.1 User unknown")
        self.assertEqual(bounce_reason(self.parse("Subject: x\n\nx")), "")

    def test_codes_are_found_in_a_subject(self):
        self.assertEqual(tracking_code.find_in("Re: No light · 7k3m-Q9XW-2HTD"), ["7K3M-Q9XW-2HTD"])
        self.assertEqual(tracking_code.find_in("Call 1234-5678-9012-3456 or 12-34"), [])
        self.assertEqual(tracking_code.find_in(None), [])

    def test_what_the_database_cannot_keep_is_taken_out(self):
        self.assertEqual(storable("a\x00b\udcff"), "ab?")
        self.assertEqual(storable(["\x00", 3]), ["", 3])
