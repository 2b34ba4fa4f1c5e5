# SPDX-License-Identifier: AGPL-3.0-or-later
import unittest
from datetime import date, datetime
from io import BytesIO

import openpyxl
import xlsxwriter

from ..core.typed_sheet import TypedSheet, to_serial, to_text


def written(columns, rows, header=("a", "b")):
    """Return the sheet as another library reads it back."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("x", worksheet_class=TypedSheet)
    formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"})}
    for number, title in enumerate(header):
        sheet.write(0, number, title)
    sheet.write_typed_rows(1, [(kind, formats.get(kind)) for kind in columns], rows)
    book.close()
    return openpyxl.load_workbook(BytesIO(file.getvalue())).active


class TestTypedSheet(unittest.TestCase):
    def test_days_are_counted_as_spreadsheets_do(self):
        for moment, serial in (
            (date(1900, 3, 1), 61),
            (date(2026, 11, 24), 46350),
            (datetime(2026, 11, 24, 6), 46350.25),
            (datetime(2026, 11, 24, 23, 59, 59), 46350 + 86399 / 86400),
        ):
            self.assertAlmostEqual(to_serial(moment), serial)

    def test_text_is_read_back_as_it_was_written(self):
        texts = ["plain", " with blanks ", "<b>&amp;\"'", "two\nlines", "año 🙂", "=1+1", "_x0041_", "bell\x07"]
        sheet = written(["text", "text"], [(text, text) for text in texts])
        read = [openpyxl.utils.escape.unescape(row[0].value) for row in sheet.iter_rows(min_row=2)]
        self.assertEqual(read, texts)
        self.assertEqual({row[0].data_type for row in sheet.iter_rows(min_row=2)}, {"s"}, "no text is a formula")

    def test_cells_have_types(self):
        sheet = written(["number", "date"], [(3, date(2026, 3, 1)), (2.5, None), (0, False)])
        self.assertEqual([cell.value for cell in sheet["A"][1:]], [3, 2.5, 0])
        self.assertEqual(sheet["B2"].value.date(), date(2026, 3, 1))
        self.assertIsNone(sheet["B3"].value)
        yes_no = written(["yes_no", "yes_no"], [(True, False), (None, True)])
        self.assertEqual([cell.value for cell in yes_no[2]], [True, False])
        self.assertEqual([cell.value for cell in yes_no[3]], [None, True])

    def test_a_link_says_where_it_goes_and_shows_its_text(self):
        sheet = written(["link", "text"], [(("https://city.test/odoo/cases/1", 'No. "1"'), "x")])
        self.assertEqual(sheet["A2"].value, '=HYPERLINK("https://city.test/odoo/cases/1","No. ""1""")')

    def test_what_comes_before_and_after_stays(self):
        sheet = written(["text", "text"], [("x", "y")] * 3)
        self.assertEqual([cell.value for cell in sheet[1]], ["a", "b"])
        self.assertEqual(sheet.dimensions, "A1:B4")

    def test_a_row_of_the_wrong_length_is_refused(self):
        with self.assertRaises(ValueError):
            written(["text", "text"], [("x",)])

    def test_a_text_that_is_too_long_is_cut(self):
        self.assertEqual(len(to_text("a" * 40000)), 32767)
