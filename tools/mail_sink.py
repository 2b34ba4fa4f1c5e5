# SPDX-License-Identifier: AGPL-3.0-or-later
"""The outside world's mail server, for ``./civic run`` and for tests: keeps every mail as a file, delivers none.

    python tools/mail_sink.py FOLDER [--port PORT]

prints ``listening on PORT`` first, then one line per mail.
"""

import argparse
import asyncio
import email
import email.policy
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP


class MailSink:
    """aiosmtpd handler: one ``.eml`` file per mail, its envelope in ``X-Envelope-*`` headers on top."""

    def __init__(self, folder, on_mail=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.on_mail = on_mail

    async def handle_DATA(self, server, session, envelope):
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        path = self.folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns()}.eml"
        partial = path.with_suffix(".part")
        partial.write_bytes(head.encode() + envelope.content)
        partial.rename(path)
        if self.on_mail:
            self.on_mail(path, recipients, envelope.content)
        return "250 kept"


class AnySMTP(SMTP):
    """SMTP that takes lines of any length: broken senders write a whole text as one, and are not to lose it."""

    line_length_limit = 32 << 20


async def serve(handler, port):
    """Serve SMTP on loopback until SIGTERM or SIGINT; say first on which port (0 takes a free one)."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(lambda: AnySMTP(handler, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port)
    async with server:
        print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
        await stop.wait()


def tell(path, recipients, content):
    subject = email.message_from_bytes(content, policy=email.policy.default)["Subject"]
    print(f"mail to {recipients}: {subject or '(no subject)'} [{path.name}]", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Keep every mail as a file, deliver none.")
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(serve(MailSink(arguments.folder, tell), arguments.port))


if __name__ == "__main__":
    main()
