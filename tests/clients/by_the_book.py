# SPDX-License-Identifier: AGPL-3.0-or-later
"""A client of Open311 GeoReport v2, written from the specification alone: XML, which every server must speak.

It knows nothing of this city but the address of its discovery.
"""

import urllib.error
import urllib.request
from urllib.parse import urlencode
from xml.etree import ElementTree

from urllib3.filepost import encode_multipart_formdata

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


class Refused(Exception):
    """An answer in the error format: ``status``, and ``(code, description)`` of each error."""

    def __init__(self, status, errors):
        super().__init__(f"{status}: {errors}")
        self.status = status
        self.errors = errors


class Client:
    def __init__(self, discovery, api_key="", jurisdiction=""):
        self.api_key = api_key
        self.common = {"jurisdiction_id": jurisdiction} if jurisdiction else {}
        found = self.fetch(discovery)
        assert found.tag == "discovery"
        for name in ("changeset", "contact", "key_service"):
            assert found.findtext(name), name
        [endpoint] = [e for e in found.iter("endpoint") if e.findtext("specification") == SPECIFICATION]
        assert endpoint.findtext("type") in ("production", "test")
        assert "text/xml" in [node.text for node in endpoint.iter("format")]
        self.root = endpoint.findtext("url").rstrip("/")

    def fetch(self, address, body=None, content_type=None):
        request = urllib.request.Request(address, data=body)
        if content_type:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return self.read(answer)
        except urllib.error.HTTPError as error:
            root = self.read(error)
            assert root.tag == "errors", root.tag
            errors = [(node.findtext("code"), node.findtext("description")) for node in root.findall("error")]
            assert errors and all(text for _code, text in errors)
            raise Refused(error.code, errors) from error

    def read(self, answer):
        assert answer.headers["Content-Type"].replace(" ", "").lower() in ("text/xml", "text/xml;charset=utf-8")
        content = answer.read()
        assert content.startswith(b"<?xml")
        return ElementTree.fromstring(content)

    def get(self, path, **params):
        query = urlencode({**self.common, **params})
        return self.fetch(f"{self.root}/{path}.xml{f'?{query}' if query else ''}")

    def services(self):
        root = self.get("services")
        assert root.tag == "services"
        return [{node.tag: node.text for node in service} for service in root.findall("service")]

    def definition(self, code):
        root = self.get(f"services/{code}")
        assert root.tag == "service_definition" and root.findtext("service_code") == code
        attributes = []
        for node in root.find("attributes"):
            assert node.tag == "attribute"
            values = [(v.findtext("key"), v.findtext("name")) for v in node.findall("values/value")]
            attributes.append({**{child.tag: child.text for child in node}, "values": values})
        assert [int(a["order"]) for a in attributes] == sorted({int(a["order"]) for a in attributes})
        return attributes

    def requests(self, **params):
        return self.rows(self.get("requests", **params), "service_requests", "request")

    def request(self, code):
        [row] = self.rows(self.get(f"requests/{code}"), "service_requests", "request")
        return row

    def token(self, token):
        [row] = self.rows(self.get(f"tokens/{token}"), "service_requests", "request")
        return row.get("service_request_id")

    def updates(self, **params):
        root = self.get("servicerequestupdates", **params)
        return self.rows(root, "service_request_updates", "request_update")

    def file(self, fields, photos=()):
        """File a request; *fields* is a list of pairs, *photos* of ``(name, bytes)``."""
        return self.post("requests", fields, photos, "service_requests", "request")

    def update(self, fields):
        return self.post("servicerequestupdates", fields, (), "service_request_updates", "request_update")

    def post(self, path, fields, photos, root, child):
        pairs = [("api_key", self.api_key), *self.common.items(), *fields]
        if photos:
            pairs += [("media", (name, data, "image/jpeg")) for name, data in photos]
            body, content_type = encode_multipart_formdata(pairs)
        else:
            body, content_type = urlencode(pairs).encode(), "application/x-www-form-urlencoded; charset=utf-8"
        [row] = self.rows(self.fetch(f"{self.root}/{path}.xml", body, content_type), root, child)
        return row

    def rows(self, root, name, child):
        assert root.tag == name, root.tag
        return [{node.tag: node.text for node in row} for row in root.findall(child)]
