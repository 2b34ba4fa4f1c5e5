# SPDX-License-Identifier: AGPL-3.0-or-later
"""A city's incoming mail server for ``./civic run`` and for tests: SMTP on loopback, straight into Odoo.

    CIVIC_GATEWAY_PASSWORD=... python tools/smtp_gateway.py --odoo URL --database DB --login LOGIN [--port PORT]

prints ``listening on PORT`` first. Every mail goes unparsed to Odoo's ``mail.thread.message_process`` over
XML-RPC, as Odoo's own mailgate does, with the envelope's sender on top (RFC 5321, section 4.4). Until Odoo has
taken it the answer is a temporary failure (451), so the sending server keeps the mail and tries again: nothing is
lost while Odoo is down or busy.
"""

import argparse
import asyncio
import os
import xmlrpc.client

from mail_sink import serve


class OdooGateway:
    """aiosmtpd handler that hands each mail to Odoo and answers 250 only once Odoo has stored it."""

    def __init__(self, url, database, login, password):
        self.url = url
        self.database = database
        self.login = login
        self.password = password
        self._uid = None

    def deliver(self, content):
        """Hand one RFC 5322 message, as bytes, to Odoo; raises what XML-RPC raises when it fails."""
        if not self._uid:
            common = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/common")
            self._uid = common.authenticate(self.database, self.login, self.password, {})
            if not self._uid:
                raise PermissionError(f"Odoo refused the login {self.login!r} of the mail gateway")
        models = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/object", allow_none=True)
        arguments = [False, xmlrpc.client.Binary(content)]
        models.execute_kw(self.database, self._uid, self.password, "mail.thread", "message_process", arguments)

    async def handle_DATA(self, server, session, envelope):
        sender = f"Return-Path: <{envelope.mail_from or ''}>\r\n".encode("utf-8", "surrogateescape")
        try:
            await asyncio.to_thread(self.deliver, sender + envelope.content)
        # whatever it is, half an answer of a server that was killed included: aiosmtpd would refuse the mail for ever
        except Exception as problem:
            print(f"not delivered, to be sent again: {problem}", flush=True)
            return "451 4.3.0 The mail could not be filed now, please send it again later"
        return "250 2.0.0 filed"


def main():
    parser = argparse.ArgumentParser(description="Hand incoming mail to Odoo.")
    parser.add_argument("--odoo", required=True, help="address of Odoo, as http://127.0.0.1:8069")
    parser.add_argument("--database", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    password = os.environ["CIVIC_GATEWAY_PASSWORD"]
    gateway = OdooGateway(arguments.odoo, arguments.database, arguments.login, password)
    asyncio.run(serve(gateway, arguments.port))


if __name__ == "__main__":
    main()
