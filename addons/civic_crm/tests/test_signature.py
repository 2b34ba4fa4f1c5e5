# SPDX-License-Identifier: AGPL-3.0-or-later
import hashlib
import hmac
import unittest

from ..core import signature
from ..core.signature import MISSING, OLD, WRONG

#: The example of the specification of Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
ID, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330


class TestSignature(unittest.TestCase):
    def test_signs_as_the_specification_does(self):
        self.assertEqual(signature.sign(SECRET, AT, BODY, ID), SIGNED)

    def test_whatever_differs_is_refused(self):
        for name, given, reason in (
            ("as signed", {}, None),
            ("one of two", {"signature": f"v1,AAAA {SIGNED}"}, None),
            ("just in time", {"now": AT + 300}, None),
            ("too old", {"now": AT + 301}, OLD),
            ("too old for a shorter window", {"now": AT + 61, "window": 60}, OLD),
            ("from the future", {"now": AT - 301}, OLD),
            ("other time", {"timestamp": AT + 1}, WRONG),
            ("other id", {"message_id": "msg_2"}, WRONG),
            ("without id", {"message_id": ""}, WRONG),
            ("other words", {"body": BODY + b" "}, WRONG),
            ("other secret", {"secret": "whsec_AAAA"}, WRONG),
            ("no secret", {"secret": ""}, MISSING),
            ("no signature", {"signature": ""}, MISSING),
            ("no time", {"timestamp": None}, MISSING),
            ("time in words", {"timestamp": "now"}, WRONG),
            ("time in other digits", {"timestamp": "١٦١٤٢٦٥٣٣٠"}, WRONG),
            ("endless time", {"timestamp": "9" * 5000}, WRONG),
            ("not ASCII", {"signature": "v1,ñ"}, WRONG),
            ("many", {"signature": "v1,AAAA " * 9 + SIGNED}, WRONG),
        ):
            values = {
                "secret": SECRET,
                "timestamp": AT,
                "body": BODY,
                "signature": SIGNED,
                "now": AT,
                "message_id": ID,
                **given,
            }
            with self.subTest(name):
                self.assertEqual(signature.check(**values), reason)

    def test_a_secret_may_be_any_text(self):
        for secret in ("a plain word", "whsec_not base64!"):
            signed = signature.sign(secret, AT, BODY)
            self.assertIsNone(signature.check(secret, AT, BODY, signed, AT))

    def test_metas_signature_is_of_the_bytes_as_they_came(self):
        good = "sha256=" + hmac.new(b"app", BODY, hashlib.sha256).hexdigest()
        self.assertIsNone(signature.check_hub("app", BODY, good))
        self.assertEqual(signature.check_hub("app", BODY + b"\n", good), WRONG)
        self.assertEqual(signature.check_hub("", BODY, good), MISSING)
        self.assertEqual(signature.check_hub("app", BODY, None), MISSING)

    def test_telegrams_token(self):
        self.assertIsNone(signature.check_token("secret", "secret"))
        self.assertEqual(signature.check_token("secret", "Secret"), WRONG)
        self.assertEqual(signature.check_token("", ""), MISSING, "no secret opens no door")

    def test_the_challenge_is_answered_to_who_knows_the_token(self):
        asked = {"hub.mode": "subscribe", "hub.verify_token": "token", "hub.challenge": "1158201444"}
        self.assertEqual(signature.answer_challenge("token", asked), "1158201444")
        for wrong in (
            {"hub.verify_token": "other"},
            {"hub.mode": "x"},
            {"hub.challenge": "<script>"},
            {"hub.challenge": ""},
        ):
            with self.subTest(wrong):
                self.assertIsNone(signature.answer_challenge("token", {**asked, **wrong}))
        self.assertIsNone(signature.answer_challenge("", {**asked, "hub.verify_token": ""}))
