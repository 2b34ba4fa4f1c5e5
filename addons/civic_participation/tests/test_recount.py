# SPDX-License-Identifier: AGPL-3.0-or-later
"""The script that a citizen runs, as a citizen runs it: another process, another folder, no Odoo."""

import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from ..core import ballot_csv, chain, pabulib
from ..core.counting import count
from .election_cases import ADDON, OWN, by_dice


class TestRecount(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(tempfile.mkdtemp(prefix="civic-recount-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for part in ("core", "tools"):
            shutil.copytree(ADDON / part, cls.folder / "copy" / part, ignore=shutil.ignore_patterns("__pycache__"))
        cls.script = cls.folder / "copy" / "tools" / "recount.py"
        cls.squares = OWN / "puerto_claro_2026_squares.pb"

    def run_it(self, *words, script=None):
        # -I: not this process's paths; -S would hide numpy, which is not needed but used where it is
        done = subprocess.run(
            [sys.executable, "-I", script or self.script, *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, reason, *words, **how):
        status, out, error = self.run_it(*words, **how)
        self.assertEqual((status, out), (2, ""), error)
        self.assertRegex(error, reason)
        self.assertNotIn("Traceback", error)

    def _publish(self, name, seed=6):
        """Write files of a poll as the city does; return (election, .pb, .csv, .chain)."""
        election = by_dice(seed)
        election.rule = "equalshares/add1"
        paths = [self.folder / f"{name}{suffix}" for suffix in (".pb", ".csv", ".chain")]
        with open(paths[0], "wb") as file:
            pabulib.write(file, election, selected=count(election).winners)
        with open(paths[1], "wb") as file:
            ballot_csv.write(file, election)
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths[:2]}
        opened = chain.append(None, "2026-03-01T08:00:00Z", "opened", {"rule": election.rule})
        published = chain.append(opened, "2026-03-16T09:00:00Z", "published", {"files": hashes})
        paths[2].write_bytes(chain.to_line(opened) + chain.to_line(published))
        return election, *paths, published.hash

    def test_it_prints_the_winners_one_a_line_sorted(self):
        self.assertEqual(self.run_it(self.squares), (0, "sq1\nsq4\nsq6\n", ""))

    def test_another_rule_is_counted_when_told(self):
        self.assertEqual(self.run_it(self.squares, "--rule", "greedy"), (0, "sq1\nsq2\n", ""))
        self.assertEqual(self.run_it(self.squares, "--rule", "Equal_Shares/ADD1"), (0, "sq1\nsq4\nsq6\n", ""))

    def test_it_needs_neither_odoo_nor_numpy(self):
        """-S leaves out all that was ever installed."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", self.script, self.squares], capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (0, "sq1\nsq4\nsq6\n"), done.stderr)

    def test_one_file_to_download_does_the_same_and_is_always_the_same(self):
        packs = [self.folder / f"recount{number}.pyz" for number in (1, 2)]
        for path in packs:
            subprocess.run([sys.executable, ADDON / "tools" / "pack_recount.py", path], check=True)
        self.assertEqual(packs[0].read_bytes(), packs[1].read_bytes())
        self.assertEqual(self.run_it(self.squares, script=packs[0]), (0, "sq1\nsq4\nsq6\n", ""))
        self.assert_refused("no such file|No such file", self.folder / "none.pb", script=packs[0])

    def test_both_published_files_and_the_chain_give_the_result(self):
        election, *paths, head = self._publish("spring")
        expected = "".join(f"{winner}\n" for winner in sorted(count(election).winners))
        for path in paths:
            status, out, error = self.run_it(path, "--head", head)
            self.assertEqual((status, out), (0, expected), error)
            self.assertIn("spring.chain", error)

    def test_a_changed_ballot_is_refused_even_without_the_chain(self):
        _election, pb, table, events, _head = self._publish("summer")
        events.unlink()
        for path in (pb, table):
            self.assertEqual(self.run_it(path)[0], 0)
            content = path.read_bytes()
            for place in (40, len(content) // 2, len(content) - 3):
                path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
                self.assert_refused(r"changed|line \d+", path)

    def test_a_file_made_anew_is_refused_by_the_chain(self):
        _election, pb, _table, events, _head = self._publish("autumn")
        other = by_dice(9)
        other.rule = "greedy"
        with open(pb, "wb") as file:
            pabulib.write(file, other)
        self.assert_refused("not the one in the chain", pb)
        self.assert_refused("not the one in the chain", events)

    def test_a_changed_chain_is_refused(self):
        _election, pb, _table, events, head = self._publish("winter")
        content = events.read_bytes()
        events.write_bytes(content.replace(b'"kind":"opened"', b'"kind":"closed"'))
        self.assert_refused("line 1: the event was changed", pb)
        self.assert_refused("line 1: the event was changed", events)
        events.write_bytes(content.splitlines(keepends=True)[0])
        self.assert_refused("no event names winter.pb", pb)
        self.assert_refused("ends with", pb, "--head", head)
        events.unlink()
        self.assert_refused("winter.chain", pb, "--head", head)

    def test_what_cannot_be_counted_is_refused(self):
        self.assert_refused("There is no rule 'dice'", self.squares, "--rule", "dice")
        self.assert_refused("Borda counts rankings", self.squares, "--rule", "borda")
        broken = self.folder / "broken.pb"
        for content, reason in (
            (b"", "META is missing"),
            (b"\x00\xff\xfe", "not UTF-8"),
            (
                self.squares.read_bytes().replace(b"5;sq1,sq2,sq5", b"5;sq1,sq2,sq7"),
                r"line 29: there is no project 'sq7'",
            ),
            (
                self.squares.read_bytes().replace(b"rule;equalshares/add1", b"rule;greedy-custom"),
                "no rule 'greedy-custom'",
            ),
        ):
            broken.write_bytes(content)
            self.assert_refused(reason, broken)
        self.assert_refused("No such file|Is a directory", self.folder)

    def test_it_tells_rounds_reasons_and_other_rules(self):
        _status, rounds, _error = self.run_it(self.squares, "--rounds")
        self.assertRegex(rounds, r"1\. sq1 funded: price \d+\.\d\d, supporters 7")
        _status, why, _error = self.run_it(self.squares, "--why", "sq2")
        self.assertRegex(why, r"sq2 lost \(outvoted\) with 6 votes.*\nIts supporters together still held")
        self.assertIn("sq1 won.", self.run_it(self.squares, "--why", "sq1")[1])
        self.assert_refused("no project sq9", self.squares, "--why", "sq9")
        _status, compared, _error = self.run_it(self.squares, "--compare")
        self.assertIn("greedy: sq1 sq2\n", compared)
        self.assertIn("equalshares/add1: sq1 sq4 sq6\n", compared)

    def test_what_it_packs_imports_nothing_else(self):
        """A neighbour module that the archive does not carry would only be missed by the citizen."""
        buffer = io.BytesIO()
        sys.path.insert(0, str(ADDON / "tools"))
        try:
            import pack_recount
        finally:
            sys.path.pop(0)
        pack_recount.pack(buffer)
        self.assertIn(b"core/counting/equal_shares.py", buffer.getvalue())
