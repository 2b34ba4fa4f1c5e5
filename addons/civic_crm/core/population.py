"""Reading a table of population by zone, sex and age, as statistical offices hand it out."""

import csv
import io
import re
import unicodedata
from collections import namedtuple

OLDEST = 130
MAX_ROWS = 200_000

#: One line: *zone* is the zone's code as it stands, *year* None when the table has no such column.
Row = namedtuple("Row", "line zone year sex age_from age_to count")
#: What is wrong in one line: *reason* is a key that the caller has words for, *value* what stands there.
Problem = namedtuple("Problem", "line reason value")

_COLUMNS = {
    "zone": {"zone", "zona", "code", "codigo", "cod", "barrio", "distrito", "seccion"},
    "sex": {"sex", "sexo", "gender", "genero"},
    "age": {"age", "edad", "age_band", "grupo_de_edad", "grupo_edad", "edades"},
    "age_from": {"age_from", "edad_desde", "desde", "from"},
    "age_to": {"age_to", "edad_hasta", "hasta", "to"},
    "year": {"year", "ano", "anio"},
    "count": {"count", "people", "personas", "poblacion", "population", "total", "habitantes"},
}
_FEMALE = {"f", "female", "women", "woman", "mujer", "mujeres", "femenino"}
_MALE = {"h", "male", "men", "man", "hombre", "hombres", "varon", "varones", "masculino"}
_BAND = re.compile(
    r"(?:de )?(\d{1,3})(?: ?(?:-|a|to|hasta) ?(\d{1,3})|( ?\+| (?:y|o|and|or) (?:mas|over|older|more)))?"
    r"(?: (?:anos|years))?$"
)


def read_table(text):
    """Return ``(rows, problems)`` of a table with a heading, separated by ; , or tabs.

    Columns are known by their names in English or Spanish: zone, sex, age (``0-4``,
    ``85+``, ``85 y más``) or age from and age to, year, count. M is a man beside F, a
    woman beside H (hombre), and refused where neither stands in the table. A line with a
    problem gives no row; line numbers are the file's, from 1.
    """
    delimiter = max(";\t,", key=text.partition("\n")[0].count)
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    if not lines or not any(map(str.strip, lines[0])):
        return [], [Problem(1, "no_heading", "")]
    if len(lines) > MAX_ROWS:
        return [], [Problem(MAX_ROWS, "too_many_rows", str(len(lines)))]
    columns = _find_columns(lines[0])
    missing = [name for name in ("zone", "sex", "count") if name not in columns]
    if not {"age", "age_from"} & set(columns):
        missing.append("age")
    if missing:
        return [], [Problem(1, "no_column", name) for name in missing]
    records = [
        (number, {name: cells[i].strip() if i < len(cells) else "" for name, i in columns.items()})
        for number, cells in enumerate(lines[1:], 2)
        if any(map(str.strip, cells))
    ]
    return _read_records(records)


def _read_records(records):
    sexes = _know_sexes({_plain(record["sex"]) for _number, record in records})
    rows, problems = [], []
    for number, record in records:
        row = _read_record(number, record, sexes)
        (problems if isinstance(row, Problem) else rows).append(row)
    return rows, problems


def _read_record(number, record, sexes):
    if not record["zone"]:
        return Problem(number, "no_zone", "")
    sex = sexes.get(_plain(record["sex"]))
    if not sex:
        return Problem(number, "unknown_sex", record["sex"])
    ages = _read_ages(record)
    if not ages:
        return Problem(number, "unknown_age", record.get("age") or record.get("age_from", ""))
    year = record.get("year") or None
    if year and not re.fullmatch(r"(1[89]|2[01])\d\d", year):
        return Problem(number, "unknown_year", year)
    if not re.fullmatch(r"\d{1,9}", record["count"]):
        return Problem(number, "not_a_count", record["count"])
    return Row(number, record["zone"], int(year) if year else None, sex, *ages, int(record["count"]))


def _find_columns(heading):
    found = {}
    for position, title in enumerate(heading):
        plain = re.sub(r"\W+", "_", _plain(title)).strip("_")
        for name, words in _COLUMNS.items():
            if plain in words:
                found.setdefault(name, position)
    return found


def _know_sexes(words):
    sexes = dict.fromkeys(words & _FEMALE, "female") | dict.fromkeys(words & _MALE, "male")
    if "m" in words and ("h" in words) != ("f" in words):
        sexes["m"] = "female" if "h" in words else "male"
    return sexes


def _read_ages(record):
    """Return (from, to), both included, or None."""
    if record.get("age_from"):
        ages = (record["age_from"], record.get("age_to") or str(OLDEST))
        if not all(re.fullmatch(r"\d{1,3}", age) for age in ages):
            return None
        first, last = map(int, ages)
    else:
        text = _plain(record.get("age", "")).replace("–", "-").replace("—", "-")
        found = _BAND.match(text)
        if not found:
            return None
        first = int(found[1])
        last = int(found[2] or (OLDEST if found[3] else first))
    return (first, last) if first <= last <= OLDEST else None


def _plain(text):
    """Return a text without accents, capitals and doubled spaces."""
    text = unicodedata.normalize("NFD", text or "")
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join(text.lower().split())
