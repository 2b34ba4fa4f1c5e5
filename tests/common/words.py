# SPDX-License-Identifier: AGPL-3.0-or-later
"""A text of the interface in the reader's language, as the translation files have it."""

import functools
import re

import polib

from .processes import ROOT


@functools.cache
def _catalogue(language):
    """Texts by their source, without markup; the citizen's words before staff's."""
    found = {}
    files = (ROOT / "addons").glob(f"*/i18n/{language}.po")
    for file in sorted(files, key=lambda file: ("civic_portal" not in file.parts, file)):
        for entry in polib.pofile(str(file)):
            if entry.msgstr and not entry.obsolete:
                found.setdefault(entry.msgid, entry.msgstr)
                found.setdefault(_plain(entry.msgid), _plain(entry.msgstr))
    return found


def _plain(text):
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def in_language(text, language):
    """The English source `text` as people read it in `language` (``en`` or ``es``); fails if nobody translated it."""
    if language == "en":
        return text
    found = _catalogue(language).get(text)
    assert found, f"“{text}” is not translated in addons/*/i18n/{language}.po"
    return found
