# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser as far as a server notices: cookies, forms and their CSRF token."""

import http.client
import re
import uuid
from urllib.parse import urlencode, urlsplit

from .place import Problem

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """One person's session. Redirects are not followed."""

    def __init__(self, address):
        parts = urlsplit(address)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        self.cookies = {}

    def close(self):
        self.connection.close()

    def get(self, path, status=200):
        return self._ask("GET", path, status)

    def post(self, path, values, status=303, multipart=False):
        if multipart:
            boundary = f"----{uuid.uuid4().hex}"  # another each time, as browsers do it: a server cannot learn it
            fields = "".join(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                for name, value in values.items()
            )
            body, kind = f"{fields}--{boundary}--\r\n", f"multipart/form-data; boundary={boundary}"
        else:
            body, kind = urlencode(values), "application/x-www-form-urlencoded"
        return self._ask("POST", path, status, body.encode(), {"Content-Type": kind})

    def token_at(self, path):
        found = _TOKEN.search(self.get(path))
        if not found:
            raise Problem(f"The page {path} has no form with a CSRF token.")
        return found[1]

    def log_in(self, login, password):
        token = self.token_at("/web/login")
        self.post("/web/login", {"csrf_token": token, "login": login, "password": password})

    def _ask(self, method, path, status, body=None, headers=None):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**(headers or {}), **({"Cookie": cookies} if cookies else {})}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != status:
            raise Problem(f"{method} {path} answered {answer.status} instead of {status}: {text[:300]}")
        return text
