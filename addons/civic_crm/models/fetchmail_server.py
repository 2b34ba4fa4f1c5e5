# SPDX-License-Identifier: AGPL-3.0-or-later
import logging

from odoo import models

from ..core.intake import digest

_logger = logging.getLogger(__name__)


class FetchmailServer(models.Model):
    _inherit = "fetchmail.server"

    def _connect__(self, allow_archived=False):
        return UntilStored(super()._connect__(allow_archived=allow_archived), self.env)


class UntilStored:
    """A connection to a mail box that leaves each mail new until the ledger has it.

    Core marks a mail as seen (by POP: deletes it) even if taking it failed, and IMAP's ``RFC822`` marks it while it is
    read, so that a server killed just then never asks for it again. Here it is read without a mark, and marked only
    once its bytes are found in the ledger, committed.
    """

    def __init__(self, connection, env):
        self._connection = connection
        self._env = env
        self._read = {}

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def retrieve_unread_messages(self):
        """Yield ``(number, source)`` of each new mail."""
        is_imap = hasattr(self._connection, "fetch")
        for number, source in self._peek() if is_imap else self._connection.retrieve_unread_messages():
            self._read = {number: digest(source)}
            yield number, source

    def _peek(self):
        waiting = self._connection._unread_messages
        while waiting:
            number = waiting.pop()
            _result, answer = self._connection.fetch(number, "(BODY.PEEK[])")
            source = next((part[1] for part in answer if isinstance(part, tuple)), None)
            if source is None:  # taken away by somebody else meanwhile
                continue
            yield number, source

    def handled_message(self, number):
        """Mark a mail as done with, if it is in the ledger; otherwise it is fetched again next time."""
        # a cursor of its own: what this one sees may be older than what was just committed
        with self._env.registry.cursor() as cursor:
            stored = self._env(cr=cursor)["civic.intake"].sudo()._has("mail", self._read.pop(number, ""))
        if stored:
            self._connection.handled_message(number)
        else:
            _logger.warning("A mail could not be stored; it stays in its mail box and is fetched again")
