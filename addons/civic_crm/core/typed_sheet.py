# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many rows of typed cells into an xlsx sheet, in constant memory and without an object for each cell.

xlsxwriter's ``constant_memory`` mode keeps one row at a time but makes several Python objects for every cell.
Here a row's XML is put together at once, as that mode would write it (inline strings; ECMA-376 part 1, 18.3.1),
into the same temporary file. Everything else of the sheet (formats, filter, frozen header) stays xlsxwriter's.
"""

import re
from datetime import date, datetime, time
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

#: A cell holds no more characters than these (Excel's own limit).
MAX_TEXT = 32767
#: Characters that XML 1.0 has no place for; Excel writes them as _x0001_.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: Text that reads like such an escape has its underscore escaped.
_LIKE_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
#: Day 0 of the 1900 date system, with its wrong leap year 1900 for all days after it.
_EPOCH = date(1899, 12, 30).toordinal()
_SECONDS_A_DAY = 86400


def to_serial(moment):
    """Return the serial number of a date, or of a datetime without time zone, as spreadsheets count days."""
    days = moment.toordinal() - _EPOCH
    if isinstance(moment, datetime):
        passed = datetime.combine(date.min, moment.time()) - datetime.combine(date.min, time.min)
        return days + passed.total_seconds() / _SECONDS_A_DAY
    return days


def to_text(value):
    """Return *value* as the escaped content of an XML text element."""
    text = str(value)[:MAX_TEXT]
    if "_x" in text:
        text = _LIKE_ESCAPE.sub(r"_x005F_\1", text)
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(text)


def _text_cell(value):
    text = to_text(value)
    keep = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return ' t="inlineStr"', f"<is><t{keep}>{text}</t></is>"


def _number_cell(value):
    return "", f"<v>{value!r}</v>"


def _date_cell(value):
    return "", f"<v>{to_serial(value)!r}</v>"


def _yes_no_cell(value):
    return ' t="b"', f"<v>{int(value)}</v>"


def _link_cell(value):
    """A ``(address, text)`` pair: a formula, since a sheet may hold only 65,530 hyperlinks proper."""
    address, text = (to_text(part).replace('"', '""') for part in value)
    return ' t="str"', f'<f>HYPERLINK("{address}","{text}")</f><v>{to_text(value[1])}</v>'


CELLS = {
    "text": _text_cell,
    "number": _number_cell,
    "date": _date_cell,
    "datetime": _date_cell,
    "yes_no": _yes_no_cell,
    "link": _link_cell,
}


class TypedSheet(Worksheet):
    """A sheet of a workbook in constant memory, to which rows are written many at a time."""

    def write_typed_rows(self, first_row, columns, rows):
        """Write *rows* from row *first_row* (counted from 0) on; rows before it are finished.

        :param columns: list of ``(kind, format)``: a key of ``CELLS``, an xlsxwriter format or None
        :param rows: iterable of sequences of values, one for each column; None and False (but in a
            ``yes_no`` column) leave the cell empty
        :return: number of the row after the last one
        :raises ValueError: for a row that is shorter or longer than *columns*
        """
        self._write_single_row(first_row)
        makers = [
            (CELLS[kind], xl_col_to_name(number), f' s="{form._get_xf_index()}"' if form else "", kind == "yes_no")
            for number, (kind, form) in enumerate(columns)
        ]
        number = first_row
        for row in rows:
            number += 1
            parts = [f'<row r="{number}">']
            for value, (make, letter, style, false_counts) in zip(row, makers, strict=True):
                if value is None or (value is False and not false_counts) or value == "":
                    continue
                attributes, content = make(value)
                parts.append(f'<c r="{letter}{number}"{style}{attributes}>{content}</c>')
            parts.append("</row>")
            self.row_data_fh.write("".join(parts))
        if number > first_row:
            self._check_dimensions(number - 1, len(columns) - 1)
        self.previous_row = number
        return number
