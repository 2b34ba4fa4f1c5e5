# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import ValidationError


class FilingError(ValidationError):
    """A case cannot be filed: facts are missing or wrong, all of them named at once.

    ``errors`` is a dict of error code by field, for the form or interface that asked: ``place``, ``files``,
    ``email`` (no way to answer), ``login`` (the service asks who it is), ``service`` (a heading), and
    ``answer-<code>`` for the question of that code, with the codes of ``core.questions.read`` and ``unknown``.
    The text says the same in the user's language; ``words`` has its sentences by field, where they are known one by
    one.
    """

    def __init__(self, message, errors, words=None):
        super().__init__(message)
        self.errors = errors
        self.words = words or {}
