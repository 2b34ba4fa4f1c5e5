# SPDX-License-Identifier: AGPL-3.0-or-later
import tempfile
import unittest
from pathlib import Path

from ..core.clamd import CHUNK, ScannerDown, find_virus, read_address
from .clamd_stub import VIRUS, clamd


class TestClamd(unittest.TestCase):
    def test_a_virus_is_named_and_a_clean_file_is_not(self):
        with clamd() as scanner:
            self.assertEqual(find_virus(scanner.address, b"a photo"), "")
            self.assertEqual(find_virus(scanner.address, b"before " + VIRUS), "Civic.Test.Virus")

    def test_a_file_arrives_whole_in_chunks(self):
        data = bytes(range(256)) * (3 * CHUNK // 256) + b"rest" + VIRUS
        with clamd() as scanner:
            self.assertEqual(find_virus(scanner.address, data), "Civic.Test.Virus")
            self.assertEqual(scanner.scanned, [data])

    def test_by_a_socket_of_the_file_system(self):
        with tempfile.TemporaryDirectory() as folder, clamd(str(Path(folder) / "c.sock")) as scanner:
            self.assertEqual(find_virus(scanner.address, VIRUS), "Civic.Test.Virus")

    def test_what_does_not_answer_in_order_is_down(self):
        for how in ({"answer": b"stream: INSTREAM size limit exceeded. ERROR\0"}, {"answer": b"\0"}, {"silent": True}):
            with self.subTest(how=how), clamd(**how) as scanner, self.assertRaises(ScannerDown):
                find_virus(scanner.address, b"x", timeout=0.3)
        with self.assertRaises(ScannerDown):
            find_virus(scanner.address, b"x", timeout=0.3)

    def test_only_this_machine_is_spoken_to(self):
        for address in (
            "tcp:192.0.2.1:3310",
            "tcp:scanner.test:3310",
            "tcp:127.0.0.1:0",
            "unix:clamd",
            "",
            "127.0.0.1",
        ):
            with self.subTest(address=address):
                with self.assertRaises(ValueError):
                    read_address(address)
                with self.assertRaises(ScannerDown):
                    find_virus(address, b"x")
        self.assertEqual(read_address("tcp:localhost:3310")[1], ("127.0.0.1", 3310))
        self.assertEqual(read_address("tcp:[::1]:3310")[1], ("::1", 3310))
