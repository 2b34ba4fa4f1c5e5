# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented people of the city, and its streets."""

import unicodedata

import shapely

from .facts import Person

#: Numbers of mobiles whose block nobody seems to use; the demo city's own people have 600 000 1xx.
FIRST_PHONE, LAST_PHONE = 600_001_000, 600_009_999
#: DNI numbers far above those given so far
FIRST_DOCUMENT, LAST_DOCUMENT = 99_000_000, 99_999_999
DOCUMENT_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
HAS_EMAIL, HAS_PHONE, HAS_DOCUMENT = 0.74, 0.85, 0.18
MASCULINE = {"Callejón", "Camino", "Muelle", "Paseo"}


def draw_people(city, words, count, chance):
    """Return *count* people, more of them where more people live, each reachable in some way."""
    phones = chance.sample(range(FIRST_PHONE, LAST_PHONE + 1), count)
    documents = chance.sample(range(FIRST_DOCUMENT, LAST_DOCUMENT + 1), count)
    zones = chance.choices(city.zones, [zone.people for zone in city.zones], k=count)
    used, people = set(), []
    for zone, phone, document in zip(zones, phones, documents, strict=True):
        first = chance.choice(words["first_women"] + words["first_men"])
        surnames = chance.sample(words["surnames"], 2)
        address = f"{first}.{surnames[0]}".replace(" ", "")
        person = Person(
            name=" ".join([first, *surnames]),
            zone=zone.code,
            address=f"{chance.choice(get_streets(zone, words))}, {chance.randint(1, 60)}",
        )
        if chance.random() < HAS_EMAIL:
            person.email = _make_unique(_plain(address), used) + "@" + chance.choice(words["mail_domains"])
        if not person.email or chance.random() < HAS_PHONE:
            person.phone = f"+34 {phone // 1_000_000} {phone // 1000 % 1000:03d} {phone % 1000:03d}"
        if chance.random() < HAS_DOCUMENT:
            person.document = f"{document}{DOCUMENT_LETTERS[document % 23]}"
        people.append(person)
    return people


def _plain(text):
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if letter.isascii() and (letter.isalnum() or letter == "."))


def _make_unique(name, used):
    number, unique = 1, name
    while unique in used:
        number += 1
        unique = f"{name}{number}"
    used.add(unique)
    return unique


def get_streets(zone, words):
    return words["streets"].get(zone.name) or words["streets"]["anywhere"]


def speak(street):
    """Return a street as it is said within a sentence: ``la calle del Faro``."""
    kind = street.split(" ", 1)[0]
    return f"{'el' if kind in MASCULINE else 'la'} {street[0].lower()}{street[1:]}"


def contract(text):
    """Return Spanish with its contractions, and a capital at its beginning."""
    text = text.replace(" de el ", " del ").replace(" a el ", " al ").strip()
    return text[:1].upper() + text[1:]


class Streets:
    """Where streets run: a straight line inside their neighbourhood, along which the numbers rise."""

    def __init__(self, chance):
        self.chance = chance
        self._lines = {}

    def locate(self, zone, street, number):
        """Return ``(latitude, longitude)`` of a house number."""
        if (zone.code, street) not in self._lines:
            self._lines[zone.code, street] = self._draw_line(zone.ground)
        point = self._lines[zone.code, street].interpolate(min(number / 80, 1), normalized=True)
        return round(point.y, 6), round(point.x, 6)

    def _draw_line(self, ground):
        middle = ground.representative_point()
        for _ in range(200):
            line = shapely.LineString([self._draw_point(ground), self._draw_point(ground)])
            if ground.contains(line) and line.length > 0.2 * ground.length / 8:
                return line
        return shapely.LineString([middle, middle.buffer(1e-4).exterior.coords[0]])

    def _draw_point(self, ground):
        west, south, east, north = ground.bounds
        while True:
            point = shapely.Point(self.chance.uniform(west, east), self.chance.uniform(south, north))
            if ground.contains(point):
                return point
