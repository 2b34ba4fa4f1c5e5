# SPDX-License-Identifier: AGPL-3.0-or-later
"""The outside world's mail: what the city sends arrives here, and from here people write to it."""

import email
import email.policy
import email.utils
import re
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

from .processes import TOOLS, Process, wait_until

_LINK = re.compile(r'href="([^"]+)"')


class Mailbox:
    """Everybody's mail server: takes all mail over SMTP, delivers none, keeps it in arrival order."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.process = Process([sys.executable, TOOLS / "mail_sink.py", self.folder / "mails"], self.folder / "log")
        self.port = self.process.said_port()

    def stop(self):
        self.process.stop()

    def mails(self, to=None):
        """All mails so far as `email.message.EmailMessage`, or those whose envelope names the address `to`."""
        parsed = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted((self.folder / "mails").glob("*.eml"))
        ]
        return [mail for mail in parsed if not to or to in addresses(mail["X-Envelope-To"])]

    def wait_for(self, to, count=1, containing=""):
        """The `count`-th mail to an address that has the text in its subject or body."""

        def arrived():
            mails = [mail for mail in self.mails(to) if containing in f"{mail['Subject']}\n{text(mail)}"]
            return mails[count - 1] if len(mails) >= count else None

        try:
            return wait_until(arrived, f"mail number {count} to {to} with “{containing}”", watching=self.process)
        except AssertionError as problem:
            got = "\n".join(f"  {mail['X-Envelope-To']}: {mail['Subject']}" for mail in self.mails())
            raise AssertionError(f"{problem}\narrived so far:\n{got or '  nothing'}") from None


def addresses(header):
    return [address for _name, address in email.utils.getaddresses([str(header or "")])]


def html(mail):
    """The body as HTML."""
    body = mail.get_body(("html",))
    assert body, f"“{mail['Subject']}” has no HTML body"
    return body.get_content()


def text(mail):
    """The body as plain text."""
    body = mail.get_body(("plain", "html"))
    return body.get_content() if body else ""


def links(mail):
    return _LINK.findall(html(mail))


def write(sender, to, subject, body, **headers):
    """A mail as a person writes it; `headers` with underscores for hyphens."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = email.utils.localtime()
    mail["Message-ID"] = email.utils.make_msgid(domain="home.test")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail


def reply(mail, sender, body, **headers):
    """An answer to `mail` as mail programs make it, quoting what it answers."""
    quoted = "\n".join(f"> {line}" for line in text(mail).splitlines())
    references = f"{mail['References'] or ''} {mail['Message-ID']}".split()
    return write(
        sender,
        str(mail["Reply-To"] or mail["From"]),
        f"Re: {mail['Subject']}",
        f"{body}\n\nOn {mail['Date']}, the city wrote:\n{quoted}\n",
        In_Reply_To=str(mail["Message-ID"]),
        References=" ".join(references),
        **headers,
    )


def deliver(mail, port):
    """Hand a mail to the city's mail server; raises `smtplib.SMTPResponseException` when it says no."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.send_message(mail)
