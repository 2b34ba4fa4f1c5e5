# SPDX-License-Identifier: AGPL-3.0-or-later
import hashlib
import json
import unittest

from ..core import chain
from ..core.chain import ChainError

MOMENTS = [f"2026-03-01T10:00:0{second}Z" for second in range(5)]


def made_of(*facts):
    events = []
    for at, each in zip(MOMENTS, facts, strict=False):
        events.append(chain.append(events[-1] if events else None, at, "happened", each))
    return events


def lines(events):
    return [chain.to_line(event) for event in events]


class TestChain(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.events = made_of({"what": "ábrete"}, {"ballots": 3}, {"list": ["a", {"b": None}], "yes": True}, {})
        self.lines = lines(self.events)

    def assert_refused(self, changed, reason, line=None, **options):
        with self.assertRaisesRegex(ChainError, reason) as caught:
            chain.verify(changed, **options)
        self.assertEqual(caught.exception.line, line)

    def test_a_chain_comes_back_as_it_was_written(self):
        self.assertEqual(chain.verify(self.lines), self.events)
        self.assertEqual([event.number for event in self.events], [1, 2, 3, 4])
        self.assertEqual(self.events[0].previous, "0" * 64)

    def test_the_hash_is_what_anybody_computes(self):
        """By sha256sum, of the line without its hash; fixed here so that no release changes it."""
        content = (
            b'{"at":"2026-03-01T10:00:00Z","facts":{"n":1},"kind":"opened","number":1,"previous":"' + b"0" * 64 + b'"}'
        )
        event = chain.append(None, "2026-03-01T10:00:00Z", "opened", {"n": 1})
        self.assertEqual(event.hash, hashlib.sha256(content).hexdigest())
        self.assertEqual(event.hash, "acbe0b2005a9813e58b7ccfd91c877bcf0020a192244d5c0aafa1c8d47d24b8e")

    def test_any_changed_byte_is_found(self):
        whole = b"".join(self.lines)
        for place in range(len(whole)):
            changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            with self.subTest(place=place), self.assertRaises(ChainError):
                chain.verify(changed.splitlines(keepends=True), head=self.events[-1].hash)

    def test_an_event_taken_out_put_in_twice_or_moved_is_found(self):
        one, two, three, four = self.lines
        for changed, line in (
            ([two, three, four], 1),
            ([one, three, four], 2),
            ([one, one, two], 2),
            ([one, three, two], 2),
        ):
            with self.subTest(line=line):
                self.assert_refused(changed, "does not follow", line)

    def test_events_cut_off_are_found_by_the_head_that_was_published(self):
        self.assertEqual(len(chain.verify(self.lines[:2])), 2)  # a shorter chain is a chain
        self.assert_refused(self.lines[:2], "ends with", head=self.events[-1].hash)

    def test_a_past_written_anew_is_found_by_the_head_that_was_published(self):
        other = made_of({"what": "something else"}, {"ballots": 3}, {}, {})
        self.assertEqual(len(chain.verify(lines(other))), 4)
        self.assert_refused(lines(other), "ends with", head=self.events[-1].hash)

    def test_an_event_with_another_hash_of_its_own_does_not_fit_the_next(self):
        forged = chain.append(self.events[0], MOMENTS[1], "happened", {"ballots": 4})
        self.assert_refused([self.lines[0], chain.to_line(forged), *self.lines[2:]], "does not follow", 3)

    def test_what_is_no_chain_is_refused_with_its_line(self):
        for changed, reason, line in (
            ([], "no event", None),
            ([b"\xff\n"], "not JSON", 1),
            ([self.lines[0], b"{}\n"], "an event has", 2),
            ([b"[]\n"], "an event has", 1),
            ([b"[" * 100_000], "not JSON", 1),
            ([self.lines[0].replace(b'"2026-03-01T10:00:00Z"', b"20260301")], "the rest but the facts are words", 1),
            ([self.lines[0].replace(b"10:00:00Z", b"10:00")], "is no moment", 1),
            ([b" " + self.lines[0]], "canonical", 1),
            ([self.lines[0][:-1]], "canonical", 1),
            ([json.dumps(json.loads(self.lines[0])).encode() + b"\n"], "canonical", 1),
        ):
            with self.subTest(reason=reason, line=line):
                self.assert_refused(changed, reason, line)

    def test_numbers_that_read_differently_elsewhere_have_no_form(self):
        for value in (1.5, float("nan"), 2**53, {1: 2}, b"x", {"a": {1, 2}}):
            with self.subTest(value=value), self.assertRaises(TypeError):
                chain.append(None, MOMENTS[0], "happened", {"value": value})

    def test_time_does_not_go_back_and_is_in_utc(self):
        with self.assertRaises(ValueError):
            chain.append(self.events[-1], MOMENTS[0], "happened", {})
        for at in ("2026-03-01", "2026-03-01T10:00:00+01:00"):
            with self.assertRaises(ValueError):
                chain.append(None, at, "happened", {})
