# SPDX-License-Identifier: AGPL-3.0-or-later
import io

from PIL import Image

from odoo.tests import BaseCase, tagged

from ..core import citizen_file

GPS = 0x8825
ORIENTATION = 0x0112


def photo(kind="JPEG", size=(40, 20), orientation=None, gps=True):
    exif = Image.Exif()
    if gps:
        exif[GPS] = {1: "N", 2: (40.0, 25.0, 0.0), 3: "W", 4: (3.0, 42.0, 0.0)}
    if orientation:
        exif[ORIENTATION] = orientation
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


def opened(data):
    return Image.open(io.BytesIO(data))


@tagged("post_install", "-at_install")
class TestCitizenFile(BaseCase):
    def test_no_photo_keeps_where_it_was_taken(self):
        for kind in ("JPEG", "PNG", "WEBP"):
            with self.subTest(kind=kind):
                data = photo(kind)
                self.assertIn(GPS, opened(data).getexif(), "the test photo has no position")
                _name, cleaned = citizen_file.clean("photo", data)
                self.assertFalse(dict(opened(cleaned).getexif()))

    def test_a_photo_held_upright_stays_upright(self):
        _name, cleaned = citizen_file.clean("photo.jpg", photo(orientation=6))
        self.assertEqual(opened(cleaned).size, (20, 40))

    def test_a_large_photo_is_made_smaller(self):
        _name, cleaned = citizen_file.clean("photo.jpg", photo(size=(4000, 1000)))
        self.assertEqual(opened(cleaned).size, (1920, 480))

    def test_the_content_decides_what_it_is(self):
        name, _data = citizen_file.clean("C:\\pictures\\plan.exe", photo("PNG"))
        self.assertEqual(name, "plan.png")
        name, data = citizen_file.clean("../../letter.html", b"%PDF-1.7 ...")
        self.assertEqual((name, data), ("letter.pdf", b"%PDF-1.7 ..."))

    def test_anything_else_is_refused(self):
        for content in (
            b"",
            b"MZ\x90\x00",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            b"<html><script>alert(1)</script></html>",
            photo()[:100],
        ):
            with self.subTest(content=content[:10]):
                with self.assertRaises(citizen_file.RefusedFile) as refusal:
                    citizen_file.clean("photo.jpg", content)
                self.assertEqual(refusal.exception.reason, "wrong_kind")

    def test_too_much_is_refused(self):
        with self.assertRaises(citizen_file.RefusedFile) as refusal:
            citizen_file.clean("a.pdf", b"%PDF-" + b"x" * citizen_file.MAX_BYTES)
        self.assertEqual(refusal.exception.reason, "too_large")

    def test_a_small_file_that_unfolds_to_gigabytes_is_refused(self):
        out = io.BytesIO()
        Image.new("1", (8000, 8000)).save(out, "PNG")
        with self.assertRaises(citizen_file.RefusedFile) as refusal:
            citizen_file.clean("bomb.png", out.getvalue())
        self.assertEqual(refusal.exception.reason, "too_large")
