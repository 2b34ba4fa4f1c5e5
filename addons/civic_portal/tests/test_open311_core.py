# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of Open311 that need no database."""

import json
import unittest
from datetime import date, datetime

import pytz
from lxml import etree
from werkzeug.datastructures import MultiDict

from ..core.open311 import address, asked, document, filed, moments
from ..core.open311.refusals import Refused

MADRID = pytz.timezone("Europe/Madrid")
NOW = datetime(2026, 6, 1, 12, 0)


def form(*pairs, **values):
    return MultiDict([*pairs, *values.items()])


class TestAddress(unittest.TestCase):
    def test_an_address_names_a_resource_one_of_it_and_a_format(self):
        for path, expected in (
            ("discovery.xml", ("discovery", "", "xml")),
            ("v2/discovery.json", ("discovery", "", "json")),
            ("v2/services.xml", ("services", "", "xml")),
            ("v2/services/ALU-01.json", ("services", "ALU-01", "json")),
            ("v2/services/a.b.json", ("services", "a.b", "json")),
            ("v2/requests.json", ("requests", "", "json")),
            ("v2/requests/I26-00001.xml", ("requests", "I26-00001", "xml")),
            ("v2/tokens/abc.json", ("tokens", "abc", "json")),
            ("v2/servicerequestupdates.xml", ("servicerequestupdates", "", "xml")),
            ("v2/photos/I26-00001.jpg", ("photos", "I26-00001", "jpg")),
        ):
            with self.subTest(path=path):
                target = address.parse(path)
                self.assertEqual((target.resource, target.name, target.format), expected)

    def test_what_names_nothing_says_so_in_a_format_there_is(self):
        for path, kind in (
            ("", "xml"),
            ("v2", "xml"),
            ("v2/services", "xml"),
            ("v2/services.csv", "xml"),
            ("v2/services/.json", "json"),
            ("v2/services/a/b.json", "json"),
            ("services.json", "json"),
            ("v1/services.json", "json"),
            ("v2/tokens.json", "json"),
            ("v2/photos/I26-00001.json", "json"),
            ("v2/servicerequestupdates/1.xml", "xml"),
            ("v2/discovery/x.json", "json"),
        ):
            with self.subTest(path=path):
                target = address.parse(path)
                self.assertEqual((target.resource, target.format), ("", kind))
                self.assertFalse(target.allows("GET"))

    def test_only_requests_and_updates_are_sent(self):
        for path, allowed in (("v2/requests.xml", True), ("v2/servicerequestupdates.json", True)):
            self.assertEqual(address.parse(path).allows("POST"), allowed)
        for path in ("v2/services.xml", "discovery.json", "v2/tokens/x.xml"):
            self.assertFalse(address.parse(path).allows("POST"))
            self.assertTrue(address.parse(path).allows("HEAD"))
        self.assertFalse(address.parse("v2/requests.xml").allows("DELETE"))


class TestDocument(unittest.TestCase):
    def test_both_formats_say_the_same(self):
        rows = [
            {
                "service_code": "001",
                "metadata": True,
                "lat": 40.5,
                "order": 1,
                "keywords": None,
                "values": [{"key": "a", "name": "«A» & <b>"}],
                "formats": ["text/xml"],
            }
        ]
        self.assertEqual(json.loads(document.to_json(rows)), rows)
        xml = document.to_xml("services", rows, "service")
        self.assertTrue(xml.startswith(b"<?xml version='1.0' encoding='utf-8'?>"))
        service = etree.fromstring(xml).find("service")
        self.assertEqual(service.findtext("service_code"), "001")
        self.assertEqual(service.findtext("metadata"), "true")
        self.assertEqual(service.findtext("lat"), "40.5")
        self.assertEqual(service.findtext("keywords"), "")
        self.assertEqual(service.findtext("values/value/name"), "«A» & <b>")
        self.assertEqual(service.findtext("formats/format"), "text/xml")

    def test_nothing_is_an_empty_container(self):
        self.assertEqual(document.to_json([]), b"[]")
        self.assertEqual(etree.fromstring(document.to_xml("service_requests", [], "request")).tag, "service_requests")

    def test_text_that_xml_cannot_hold_does_not_break_it(self):
        text = "a\x00\x01\x0b\x1f\ud800\ufffe\uffffz<]]>&\U0001f333"
        row = etree.fromstring(document.to_xml("rows", [{"description": text}], "row")).find("row")
        self.assertEqual(row.findtext("description"), "az<]]>&\U0001f333")
        self.assertIn("z<]]>&", json.loads(document.to_json([{"description": text}]))[0]["description"])

    def test_no_entity_is_ever_declared(self):
        xml = document.to_xml(
            "rows", [{"description": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;'}], "row"
        )
        self.assertNotIn(b"<!", xml)


class TestMoments(unittest.TestCase):
    def test_a_moment_is_read_as_utc(self):
        for text, expected in (
            ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10)),
            ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8)),
            ("2026-05-01T10:00:00 02:00", datetime(2026, 5, 1, 8)),
            ("2026-05-01T10:00:00-0500", datetime(2026, 5, 1, 15)),
            ("2026-05-01T10:00:00.123Z", datetime(2026, 5, 1, 10, 0, 0, 123000)),
            ("2026-05-01T10:00Z", datetime(2026, 5, 1, 10)),
            ("2026-05-01T10:00:00", datetime(2026, 5, 1, 8)),
            ("2026-01-01", datetime(2025, 12, 31, 23)),
        ):
            with self.subTest(text=text):
                self.assertEqual(moments.read(text, MADRID), expected)

    def test_what_is_no_moment_is_refused(self):
        for text in ("", "yesterday", "2026", "2026-13-01", "20260501", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                moments.read(text, MADRID)
        for text in (
            "9999-12-31T23:59:59-23:59",
            "2026-05-01T25:00:00Z",
            "2026-05-01T10:00:00+99:99",
            "２０２６-05-01",
        ):
            with self.subTest(text=text), self.assertRaises(ValueError):
                moments.read(text, MADRID)

    def test_a_moment_is_written_with_its_offset(self):
        self.assertEqual(moments.write(datetime(2026, 5, 1, 10), MADRID), "2026-05-01T12:00:00+02:00")
        self.assertEqual(moments.write(datetime(2026, 1, 1, 10), MADRID), "2026-01-01T11:00:00+01:00")
        self.assertIsNone(moments.write(None, MADRID))
        self.assertEqual(moments.write_end_of(date(2026, 5, 1), MADRID), "2026-05-01T23:59:59+02:00")
        self.assertIsNone(moments.write_end_of(False, MADRID))


class TestAsked(unittest.TestCase):
    def take(self, *pairs, **values):
        return asked.read(form(*pairs, **values), NOW, MADRID)

    def test_the_last_90_days_unless_said_otherwise(self):
        wanted = self.take()
        self.assertEqual((wanted.start, wanted.end), (NOW - asked.SPAN, None))
        self.assertEqual((wanted.page, wanted.size, wanted.offset), (1, 1000, 0))

    def test_one_date_gives_the_other(self):
        self.assertEqual(self.take(start_date="2020-01-01T00:00:00Z").end, datetime(2020, 3, 31))
        self.assertEqual(self.take(end_date="2020-03-31T00:00:00Z").start, datetime(2020, 1, 1))

    def test_dates_of_updates_stand_alone(self):
        wanted = self.take(updated_after="2020-01-01T00:00:00Z")
        self.assertEqual((wanted.start, wanted.end, wanted.updated_after), (None, None, datetime(2020, 1, 1)))

    def test_numbers_override_all_else(self):
        wanted = self.take(("service_request_id", "a, b"), ("service_request_id", "b,c,"), page="x", status="?")
        self.assertEqual(wanted.ids, ("a", "b", "c"))

    def test_lists_have_commas_or_are_repeated(self):
        wanted = self.take(
            ("service_code", "a,b"), ("service_code", "c"), status="Open,closed", page="3", page_size="10"
        )
        self.assertEqual((wanted.services, wanted.statuses, wanted.offset), (("a", "b", "c"), ("open", "closed"), 20))

    def test_what_is_empty_is_not_given(self):
        self.assertEqual(self.take(service_code=" ,", start_date="", status="", page=" "), self.take())

    def test_all_that_is_wrong_is_named(self):
        with self.assertRaises(Refused) as caught:
            self.take(start_date="x", status="fixed", page="0", page_size="1001")
        self.assertEqual(
            {(fault.code, fault.parameter) for fault in caught.exception.faults},
            {
                ("not_a_moment", "start_date"),
                ("status", "status"),
                ("not_a_number", "page"),
                ("not_a_number", "page_size"),
            },
        )
        self.assertEqual(caught.exception.status, 400)

    def test_more_than_90_days_are_refused(self):
        self.assertTrue(self.take(start_date="2026-01-01T00:00:00Z", end_date="2026-04-01T00:00:00Z"))
        for start, end, code in (
            ("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z", "span"),
            ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "wrong_order"),
        ):
            with self.assertRaises(Refused) as caught:
                self.take(start_date=start, end_date=end)
            self.assertEqual(caught.exception.faults[0].code, code)

    def test_what_postgresql_cannot_compare_is_taken_out(self):
        self.assertEqual(self.take(service_request_id="a\x00b,\ud800").ids, ("ab", "?"))


class TestFiled(unittest.TestCase):
    GOOD = {"service_code": "tree", "lat": "41", "long": "-1.5", "description": "A tree\r\nlies <b>here</b>."}

    def faults(self, *pairs, **values):
        with self.assertRaises(Refused) as caught:
            filed.read(form(*pairs, **{**self.GOOD, **values}))
        return {(fault.code, fault.parameter) for fault in caught.exception.faults}

    def test_a_request_is_read(self):
        request = filed.read(
            form(
                ("attribute[kind]", "oak"),
                ("attribute[where][]", "a"),
                ("attribute[where][]", "b"),
                ("attribute[where]", "c"),
                ("attribute[x][y]", "no"),
                ("media_url", "https://pictures.test/1.jpg"),
                ("media_url", "https://pictures.test/2.jpg"),
                first_name="Ana",
                last_name=" García ",
                email="ana@home.test",
                deviceid="d",
                **self.GOOD,
            )
        )
        self.assertEqual(request.answers, {"kind": ["oak"], "where": ["a", "b", "c"]})
        self.assertEqual((request.latitude, request.longitude), (41, -1.5))
        self.assertEqual(request.text, "A tree\nlies <b>here</b>.")
        self.assertEqual((request.name, request.email), ("Ana García", "ana@home.test"))
        self.assertEqual(len(request.links), 2)

    def test_a_place_is_a_point_or_words(self):
        self.assertEqual(filed.read(form(service_code="tree", address_string="Main St 3")).place, "Main St 3")
        self.assertEqual(filed.read(form(service_code="tree", address_id="77")).place, "77")

    def test_all_that_is_wrong_is_named(self):
        self.assertEqual(self.faults(service_code="", lat=""), {("missing", "service_code"), ("missing", "lat")})
        for text in ("x", "91", "nan", "inf", "1e999", "-90.1", "1" * 50):
            with self.subTest(lat=text):
                self.assertIn(("not_a_point", "lat"), self.faults(lat=text))
        self.assertEqual(self.faults(lat="0", long="0"), {("not_a_point", "lat")})
        self.assertEqual(self.faults(description="x" * 4001), {("too_long", "description")})
        self.assertEqual(self.faults(email="nobody"), {("not_an_address", "email")})
        self.assertEqual(self.faults(phone="1" * 201), {("too_long", "phone")})

    def test_only_addresses_of_the_web_are_links(self):
        for link in (
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "http://[",
            "ftp://a.test/x",
            "https://a b",
        ):
            with self.subTest(link=link):
                self.assertEqual(self.faults(media_url=link), {("not_a_link", "media_url")})
        self.assertEqual(self.faults(*[("media_url", "https://a.test")] * 11), {("not_a_link", "media_url")})

    def test_an_update_is_read(self):
        given = {
            "service_request_id": "I26-00001",
            "update_id": "77",
            "status": "fixed",
            "updated_datetime": "2026-05-01T10:00:00Z",
            "description": "It is gone.",
        }
        update = filed.read_update(form(**given), MADRID)
        self.assertEqual((update.status, update.moment), ("FIXED", datetime(2026, 5, 1, 10)))
        for name in given:
            with self.subTest(name=name), self.assertRaises(Refused) as caught:
                filed.read_update(form(**{**given, name: ""}), MADRID)
            self.assertEqual({fault.parameter for fault in caught.exception.faults}, {name})
        with self.assertRaises(Refused):
            filed.read_update(form(**{**given, "status": "GONE"}), MADRID)
