# SPDX-License-Identifier: AGPL-3.0-or-later
import hashlib
import hmac
import json
import socket
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..core import signature
from ..models.civic_connector import CivicConnectorRefusal
from . import network_payloads as sent
from .common import CityMixin, QueryBudgetMixin

LOG = "odoo.addons.civic_crm.models.civic_connector"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class NetworkMixin(CityMixin):
    """A connector of each network, and messages signed as each does it."""

    @classmethod
    def set_up_networks(cls):
        make = cls.env["civic.connector"].create
        cls.telegram = make(
            {"name": "Bot", "kind": "telegram", "signing_secret": SECRET, "access_token": "123:bot-token"}
        )
        cls.whatsapp = make(
            {
                "name": "Number",
                "kind": "whatsapp",
                "signing_secret": SECRET,
                "access_token": "lasting",
                "verify_token": "our word",
                "account_ref": "106540352242922",
            }
        )
        cls.json = make({"name": "App", "kind": "json", "signing_secret": SECRET})
        cls.mastodon = make(
            {"name": "Fediverse", "kind": "mastodon", "access_token": "token", "api_url": "https://social.example"}
        )

    def setUp(self):
        super().setUp()
        CivicConnectorRefusal._since.clear()

    def sign(self, connector, body, name="one", at=None):
        """Return the headers with which *body* is let in."""
        if connector.kind == "telegram":
            return {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        if connector.kind == "whatsapp":
            return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
        at = int(at or time.time())
        return {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": signature.sign(SECRET, at, body, name),
        }

    def get_entries(self, connector):
        return self.env["civic.intake"].search([("connector_id", "=", connector.id)], order="id")


@tagged("post_install", "-at_install")
class TestHook(NetworkMixin, QueryBudgetMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.set_up_networks()
        cls.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")

    def knock(self, connector, payload, headers=None, **signed):
        """Send *payload* to the connector's webhook and return the status."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = self.sign(connector, body, **signed) if headers is None else headers
        answer = self.url_open(
            f"/civic/hook/{connector.slug}",
            data=body,
            headers={"Content-Type": "application/json", **headers},
            method="POST",
        )
        self.assertEqual(answer.text, "", "what is wrong is nobody's to learn")
        return answer.status_code

    def test_what_is_signed_is_stored_as_it_came(self):
        for connector, payload in (
            (self.telegram, sent.telegram()),
            (self.whatsapp, sent.whatsapp(sent.whatsapp_text())),
            (self.json, sent.contract()),
        ):
            with self.subTest(connector.kind):
                self.assertEqual(self.knock(connector, payload), 200)
                entry = self.get_entries(connector)
                self.assertEqual(entry.state, "received", "what it is, the job finds out")
                self.assertEqual(entry._get_raw(), json.dumps(payload).encode())
                self.assertEqual(entry.channel_id, connector.channel_id)
                self.assertEqual((connector.received_count, connector.last_seen_at), (1, entry.received_at))

    @mute_logger(LOG)
    def test_what_is_not_is_refused_by_its_status(self):
        body = json.dumps(sent.contract()).encode()
        good, old = self.sign(self.json, body), self.sign(self.json, body, at=time.time() - 310)
        hub = self.sign(self.whatsapp, b"other")
        for connector, headers, status, reason in (
            (self.json, {}, 401, "missing"),
            (self.json, {**good, "webhook-signature": "v1,AAAA"}, 401, "wrong"),
            (self.json, {**good, "webhook-id": "two"}, 401, "wrong"),
            (self.json, old, 403, "old"),
            (self.json, self.sign(self.json, body, at=time.time() + 330), 403, "old"),
            (self.telegram, {}, 401, "missing"),
            (self.telegram, {"X-Telegram-Bot-Api-Secret-Token": "x"}, 401, "wrong"),
            (self.telegram, good, 401, "missing"),
            (self.whatsapp, {}, 401, "missing"),
            (self.whatsapp, hub, 401, "wrong"),
        ):
            with self.subTest(f"{connector.kind} {status} {reason}"):
                self.assertEqual(self.knock(connector, body, headers), status)
                self.assertFalse(self.get_entries(connector))
                self.env.invalidate_all()
                self.assertIn(reason, connector.refusal_ids.mapped("reason"))

    @mute_logger(LOG)
    def test_refusals_of_a_minute_are_one_line(self):
        for _number in range(5):
            self.knock(self.telegram, b"{}", {"X-Telegram-Bot-Api-Secret-Token": "x"})
        self.env.invalidate_all()
        self.assertEqual(len(self.telegram.refusal_ids), 1)

    @mute_logger(LOG)
    def test_fifty_megabytes_are_refused_before_they_are_read(self):
        self.enterContext(self.allow_requests(all_requests=True))
        for connector in (self.json, self.telegram, self.whatsapp):
            for kind in (b"application/json", b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded"):
                with self.subTest(f"{connector.kind} {kind}"), self.connect() as door:
                    door.sendall(
                        b"POST /civic/hook/%b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %b\r\n"
                        b"Content-Length: 52428800\r\n\r\n" % (connector.slug.encode(), kind)
                    )
                    self.assertIn(b" 413 ", door.recv(100), "and nothing of it was sent yet")
            self.assertFalse(self.get_entries(connector))

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.http_port()), timeout=10)

    @mute_logger(LOG)
    def test_nobody_knocks_where_no_secret_is_set_or_no_door_is(self):
        bare = self.env["civic.connector"].create({"name": "Bare", "kind": "json"})
        self.assertEqual(self.knock(bare, sent.contract()), 401)
        self.json.active = False
        self.assertEqual(self.knock(self.json, sent.contract()), 404)
        self.assertEqual(self.knock(self.mastodon, b"{}", {}), 404)
        self.assertEqual(self.url_open("/civic/hook/nothing").status_code, 404)

    @mute_logger(LOG)
    def test_what_comes_again_is_taken_once(self):
        for connector, payload in (
            (self.telegram, sent.telegram()),
            (self.whatsapp, sent.whatsapp(sent.whatsapp_text())),
            (self.json, sent.contract()),
        ):
            with self.subTest(connector.kind):
                self.assertEqual([self.knock(connector, payload) for _time in range(3)], [200] * 3)
                self.assertEqual(len(self.get_entries(connector)), 1)
        self.assertEqual(self.knock(self.json, sent.contract("Other words")), 409)
        self.assertEqual(len(self.get_entries(self.json)), 1)

    def test_ids_of_one_door_are_none_of_another(self):
        other = self.env["civic.connector"].create({"name": "Other", "kind": "json", "signing_secret": SECRET})
        self.knock(self.json, sent.contract())
        self.assertEqual(self.knock(other, sent.contract("Other words")), 200)
        self.assertEqual(len(self.get_entries(other)), 1)

    def test_each_message_of_a_batch_is_an_entry(self):
        batch = sent.whatsapp(sent.whatsapp_text(), sent.whatsapp_text("And here", "wamid.2"))
        self.assertEqual(self.knock(self.whatsapp, batch), 200)
        self.assertEqual(self.knock(self.whatsapp, sent.whatsapp(sent.whatsapp_text("And here", "wamid.2"))), 200)
        entries = self.get_entries(self.whatsapp)
        self.assertEqual(len(entries), 2)
        entries._process()
        self.assertEqual(entries.mapped("state"), ["processed"] * 2)
        self.assertIn("And here", entries[1].text)

    @mute_logger(LOG)
    def test_messages_to_another_number_are_not_the_citys(self):
        self.assertEqual(self.knock(self.whatsapp, sent.whatsapp(sent.whatsapp_text(), number="1")), 403)
        self.assertFalse(self.get_entries(self.whatsapp))

    def test_metas_challenge(self):
        path = f"/civic/hook/{self.whatsapp.slug}?hub.mode=subscribe&hub.challenge=42&hub.verify_token="
        good = self.url_open(path + "our word")
        self.assertEqual((good.status_code, good.text), (200, "42"))
        self.assertEqual(self.url_open(path + "other").status_code, 403)
        self.assertEqual(self.url_open(f"/civic/hook/{self.json.slug}").status_code, 403)

    @mute_logger(LOG, "odoo.addons.civic_crm.models.civic_intake")
    def test_whatever_is_signed_is_kept_and_nothing_stumbles(self):
        for connector in (self.telegram, self.whatsapp, self.json):
            for name, body in sent.HOSTILE.items():
                with self.subTest(f"{connector.kind} {name}"):
                    self.assertEqual(self.knock(connector, body, name=name), 200)
        entries = self.env["civic.intake"].search([("connector_id", "!=", False)])
        self.assertGreater(len(entries), 2 * len(sent.HOSTILE))
        entries._process()
        self.assertFalse(entries.filtered(lambda entry: entry.state == "received").mapped("last_error"))
        self.assertTrue(self.env["civic.intake"]._get_balance().is_even)

    def test_secrets_are_written_and_never_read(self):
        admin = self.telegram.with_user(self.users["admin"])
        self.assertTrue(admin.has_access_token)
        told = admin.read()[0]
        self.assertNotIn("signing_secret_kept", told)
        self.assertNotIn(SECRET, json.dumps(told, default=str))
        self.assertNotIn("bot-token", json.dumps(told, default=str))
        admin.write({"signing_secret": False})
        self.assertEqual(self.telegram.sudo().signing_secret_kept, SECRET, "an empty box leaves what there is")
        admin.write({"signing_secret": "new"})
        self.assertEqual(self.env["civic.connector"]._get_hook(self.telegram.slug).signing_secret, "new")

    def test_taking_one_is_cheap(self):
        Connector = self.env["civic.connector"]
        body = json.dumps(sent.contract()).encode()
        hook = Connector._get_hook(self.json.slug)
        Connector._take(hook, self.sign(self.json, body, name="warm"), body)
        with self.assert_queries_at_most(2):
            Connector._take(hook, self.sign(self.json, body), body)
