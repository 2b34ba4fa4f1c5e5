# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bring the addons' translation files up to date with freshly exported terms, or check that they are.

    translate.py TERMS_FOLDER ADDONS_FOLDER [--check] [--languages es]

Existing translations stay, terms that are gone go. Says what is untranslated, fuzzy or loses a placeholder; the
exit status is 1 if there is any such, and with --check also if a file differs from what would be written.
"""

import argparse
import re
import sys
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}")


def identity(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def merged(template, path):
    """The translation at `path` for exactly the template's terms."""
    old = polib.pofile(path, wrapwidth=78) if path.exists() else polib.POFile()
    known = {identity(entry): entry for entry in old if not entry.obsolete}
    result = polib.POFile(wrapwidth=78)
    result.header, result.metadata = old.header, dict(old.metadata or template.metadata)
    result.metadata.pop("POT-Creation-Date", None)
    result.metadata.pop("PO-Revision-Date", None)
    for term in template:
        entry = polib.POEntry(
            msgctxt=term.msgctxt,
            msgid=term.msgid,
            msgid_plural=term.msgid_plural,
            occurrences=term.occurrences,
            comment=term.comment,
            flags=[flag for flag in term.flags if flag != "fuzzy"],
        )
        if before := known.get(identity(term)):
            entry.msgstr, entry.msgstr_plural = before.msgstr, before.msgstr_plural
            entry.flags += [flag for flag in before.flags if flag not in entry.flags]
            entry.tcomment = before.tcomment
        result.append(entry)
    return result


def faults(translation):
    """What a reader of this language would see wrong, one line each."""
    for entry in translation:
        if not entry.translated():
            yield f"{'fuzzy' if entry.fuzzy else 'untranslated'}: {entry.msgid!r}"
        elif sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr)):
            yield f"placeholders differ: {entry.msgid!r} → {entry.msgstr!r}"


def settle(path, content, check):
    """Write `content` unless it is there already; with `check` only say that it should be. True if it differs."""
    differs = not path.exists() or path.read_text(encoding="utf-8") != content
    if differs and check:
        print(f"{path}: not up to date, run './civic translate'")
    elif differs:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        print(f"{path}: written")
    return differs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("terms", type=Path)
    parser.add_argument("addons", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--languages", nargs="+", default=["es"])
    arguments = parser.parse_args()
    bad = 0
    for exported in sorted(arguments.terms.glob("*.pot")):
        folder = arguments.addons / exported.stem / "i18n"
        template = polib.pofile(exported, wrapwidth=78)
        for changing in ("POT-Creation-Date", "PO-Revision-Date"):
            template.metadata.pop(changing, None)
        bad += settle(folder / exported.name, f"{template}\n", arguments.check) and arguments.check
        for language in arguments.languages:
            path = folder / f"{language}.po"
            translation = merged(template, path)
            translation.metadata["Language"] = language
            bad += settle(path, f"{translation}\n", arguments.check) and arguments.check
            for fault in faults(translation):
                print(f"{path}: {fault}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
