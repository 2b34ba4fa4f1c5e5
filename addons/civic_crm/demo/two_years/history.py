# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happened in the city in the two years before a day: people, enquiries and cases, all from one seed."""

import functools
import random
import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path

from ...core import enquiries
from .days import HOURS, NIGHT_HOURS, OFFICE_HOURS, Days, at_work, draw_time, is_working, to_utc
from .facts import Case, Enquiry, History
from .lives import Story
from .people import Streets, contract, draw_people, get_streets, speak

SEED = 20260301
CASES = 6000
#: people, enquiries and recurring spots for each case
PEOPLE, ENQUIRIES, REPORTS_OF_SPOTS = 0.24, 0.12, 0.06
#: how it came: what is in the street, and what is about papers
STREET_CHANNELS = {"app": 34, "web": 25, "phone": 25, "email": 6, "social": 5, "chat": 3, "counter": 2}
PAPER_CHANNELS = {"counter": 38, "web": 32, "phone": 14, "email": 9, "chat": 3, "post": 4}
ENQUIRY_CHANNELS = {"phone": 55, "counter": 22, "email": 12, "chat": 8, "social": 3}
OPEN_ONLY_IN_OFFICE_HOURS = {"phone", "counter", "post"}
#: where the same thing happens again and again
SPOT_SERVICES = {
    "LIM-01": 6, "VIA-01": 5, "ALU-01": 5, "LIM-04": 3, "AGU-02": 3, "ANI-02": 2, "VIA-02": 2, "LIM-05": 2, "PAR-01": 1
}  # fmt: skip
SPOTS = 26
#: spots at which something goes on when the history ends
LIVE_SPOTS = 6
ANONYMOUS = 0.09
OWN_NEIGHBOURHOOD = 0.65
ENQUIRY_OUTCOMES = {"answered": 74, "informed": 14, "unanswerable": 3, "spam": 4}
TURNED_INTO_CASES = 0.6
#: enquiries that nobody has finished when the history ends
LAST_ENQUIRIES = 8


@functools.cache
def read_words():
    """Return ``(services, words)``: what is written about, and with which words."""
    folder = Path(__file__).parent
    return tuple(tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in ("services.toml", "words.toml"))


def imagine(city, seed=SEED, count=CASES):
    """Return the ``History`` of the two years before ``city.today``, always the same for the same arguments.

    :param City city: what is true of the city that day
    :param int count: cases; people and enquiries are in proportion
    """
    return Teller(city, seed, count).tell()


class Teller:
    """Each subject has a chance of its own, so that one more service does not change who lives in the city."""

    def __init__(self, city, seed, count):
        self.city, self.count = city, count
        self.profiles, self.words = read_words()
        self.profiles = {code: profile for code, profile in self.profiles.items() if code in city.services}
        self.chances = {
            name: random.Random(f"{seed}/{name}")  # noqa: S311 a demo city is no secret
            for name in ("people", "days", "streets", "spots", "cases", "enquiries")
        }
        self.chance = self.chances["cases"]
        self.people = draw_people(city, self.words, max(30, int(count * PEOPLE)), self.chances["people"])
        self.days = Days(city.today, self.chances["days"])
        self.streets = Streets(self.chances["streets"])
        self.zones = {zone.code: zone for zone in city.zones}
        self.facts = 0
        self._weigh_people()

    def tell(self):
        told_enquiries, cases = self._tell_enquiries()
        for group in self._tell_spots():
            cases += group
        codes = list(self.profiles)
        weights = [self.profiles[code]["weight"] for code in codes]
        while len(cases) < self.count:
            code = self.chance.choices(codes, weights)[0]
            cases.append(self._tell_case(code, self._draw_moment(code)))
        cases.sort(key=lambda case: case.filed_at)
        return History(self.people, told_enquiries, cases)

    # who and where ------------------------------------------------------

    def _weigh_people(self):
        """A few people write often, most once or twice."""
        chance = self.chances["people"]
        self.zeal = [min(chance.paretovariate(1.3), 25) for _person in self.people]
        self.by_zone = {}
        for number, person in enumerate(self.people):
            self.by_zone.setdefault(person.zone, []).append(number)
        self.known = [number for number, person in enumerate(self.people) if person.document]

    def _draw_person(self, chance, zone=None, known=False):
        some = range(len(self.people))
        if known and self.known:
            some = self.known
        elif zone and zone in self.by_zone and chance.random() < OWN_NEIGHBOURHOOD:
            some = self.by_zone[zone]
        return chance.choices(some, [self.zeal[number] for number in some])[0]

    def _draw_zone(self, profile):
        zones = [zone for zone in self.city.zones if zone.name in profile.get("zones", [zone.name])] or self.city.zones
        return self.chance.choices(zones, [zone.people for zone in zones])[0]

    def _draw_moment(self, code):
        profile = self.profiles[code]
        day = self.days.draw(code, profile, self.chance)
        return draw_time(day, NIGHT_HOURS if profile.get("night") else HOURS, self.chance)

    # cases --------------------------------------------------------------

    def _tell_case(self, code, filed, at=None, duplicate_of=None, **facts):
        """Return one case with all that became of it.

        :param datetime filed: in the city's time
        :param at: ``(zone, street, number)`` of a spot, by default anywhere
        :param Case duplicate_of: the case before it that reports the same
        :param facts: any fields of the case that are settled already
        """
        service, profile, chance = self.city.services[code], self.profiles[code], self.chance
        zone, street, number = at or self._draw_place(profile)
        if "channel" not in facts:
            channels = STREET_CHANNELS if service.has_place else PAPER_CHANNELS
            facts["channel"], filed = self._draw_channel(channels, filed, chance)
        if "person" not in facts:
            anonymous = service.may_be_anonymous and chance.random() < ANONYMOUS
            facts["person"] = None if anonymous else self._draw_person(chance, zone.code, service.is_identified)
        subject, text, solved = self._write(profile, zone, street, number)
        case = Case(to_utc(filed, self.city.zone_name), code, facts.pop("channel"), subject, text, **facts)
        case.hand = chance.randrange(60)
        case.answers = {question.code: self._answer(question, filed) for question in service.questions}
        if service.has_place:
            case.zone = zone.code
            case.place = f"{street}, {number}"
            case.latitude, case.longitude = self._locate(zone, street, number)
        Story(case, filed, service, self, solved).tell(duplicate_of)
        return case

    def _draw_place(self, profile):
        zone = self._draw_zone(profile)
        return zone, self.chance.choice(get_streets(zone, self.words)), self.chance.randint(1, 78)

    def _locate(self, zone, street, number):
        """Nobody puts the pin on the map exactly."""
        latitude, longitude = self.streets.locate(zone, street, number)
        return tuple(round(value + self.chance.uniform(-5e-5, 5e-5), 6) for value in (latitude, longitude))

    def _draw_channel(self, channels, filed, chance):
        """Return the channel, and the moment set right: the counter is open on working days only."""
        channel = chance.choices(list(channels), list(channels.values()))[0]
        if channel in OPEN_ONLY_IN_OFFICE_HOURS:
            if is_working(filed):
                filed = draw_time(filed.date(), OFFICE_HOURS, chance)
            else:
                channel = "web"
        return channel, filed

    def _write(self, profile, zone, street, number):
        chance, words = self.chance, self.words
        slots = {
            "street": speak(street),
            "place": f"{speak(street)}, {number}",
            "zone": zone.name,
            "since": chance.choice(words["since"]),
            "since_phrase": chance.choice(words["since_phrases"]),
            "days": chance.randint(3, 15),
            "line": chance.randint(1, 6),
        }
        story = chance.choice(profile["stories"])
        subject, text, solved = (contract(sentence.format(**slots)) for sentence in story)
        parts = [chance.choice(words["greetings"]), text, chance.choice(words["endings"])]
        return subject, " ".join(filter(None, parts)), solved

    def _answer(self, question, filed):
        """Return one plausible answer, typed as its question wants it."""
        chance = self.chance
        if question.datatype == "singlevaluelist":
            return [chance.choice(question.options)]
        if question.datatype == "multivaluelist":
            chosen = set(chance.sample(question.options, chance.randint(1, min(2, len(question.options)))))
            return [key for key in question.options if key in chosen]
        if question.datatype == "number":
            return chance.randint(question.low, min(question.high, question.low + 4))
        if question.datatype == "datetime":
            return (filed + timedelta(days=chance.randint(3, 30))).date()
        letters = "".join(chance.choice("BCDFGHJKLMNPRSTVWXYZ") for _ in range(3))
        return f"{chance.randint(0, 9999):04d} {letters}" if question.code == "plate" else "No lo sé"

    # recurring spots ----------------------------------------------------

    def _tell_spots(self):
        """Yield the reports of each episode: several people about the same fact within a few days."""
        chance = self.chances["spots"]
        codes = [code for code in SPOT_SERVICES if code in self.profiles]
        if not codes:
            return
        spots = [
            (chance.choices(codes, [SPOT_SERVICES[code] for code in codes])[0], *self._draw_place({}))
            for _ in range(max(3, min(SPOTS, self.count // 60)))
        ]
        left = int(self.count * REPORTS_OF_SPOTS)
        live = min(LIVE_SPOTS, len(spots))
        while left > 1:
            code, *at = spots[live - 1] if live > 0 else chance.choice(spots)
            reports = min(left, 2 + min(int(chance.expovariate(0.8)), 5))
            if live > 0:
                began = self._draw_recent(chance)
            else:
                began = draw_time(self.days.draw(code, self.profiles[code], chance), HOURS, chance)
            live -= 1
            left -= reports
            yield self._tell_episode(code, began, at, reports, chance)

    def _draw_recent(self, chance):
        day = self.city.today - timedelta(days=chance.randint(1, 3))
        return draw_time(day, HOURS, chance)

    def _tell_episode(self, code, began, at, reports, chance):
        self.facts += 1
        first = self._tell_case(code, began, at, fact=self.facts)
        cases = [first]
        end = datetime.combine(self.city.today, time.min)
        for _ in range(reports - 1):
            filed = began + timedelta(hours=chance.uniform(2, 60))
            filed_at = to_utc(filed, self.city.zone_name)
            if filed >= end or (first.closed_at and filed_at >= first.closed_at):
                continue
            seen = first if chance.random() < 0.6 else None
            cases.append(self._tell_case(code, filed, at, seen, fact=self.facts, channel="app"))
        return cases

    # enquiries ----------------------------------------------------------

    def _tell_enquiries(self):
        """Return the enquiries, and the cases that they were turned into."""
        chance = self.chances["enquiries"]
        told = [self._tell_enquiry(chance) for _ in range(max(4, int(self.count * ENQUIRIES)))]
        told += [self._tell_last(chance) for _ in range(min(LAST_ENQUIRIES, len(told)))]
        told.sort(key=lambda enquiry: enquiry.received_at)
        self._judge_first_contacts(told)
        cases = []
        for number, enquiry in enumerate(told):
            if enquiry.service:
                filed = enquiry.ended_at
                case = self._tell_case(
                    enquiry.service,
                    self._to_city(filed),
                    channel=enquiry.channel,
                    person=enquiry.person,
                    enquiry=number,
                )
                case.filed_at = filed
                cases.append(case)
        return told, cases

    def _to_city(self, moment):
        """Return naive UTC in the city's time."""
        return moment + (moment - to_utc(moment, self.city.zone_name))

    def _tell_enquiry(self, chance):
        number = chance.randrange(len(self.days.days))
        while not is_working(self.days.days[number]):
            number = (number + 1) % len(self.days.days)
        received = draw_time(self.days.days[number], OFFICE_HOURS, chance)
        enquiry, entry = self._ask(received, chance)
        if enquiry.channel == "email":
            taken = at_work(received, 0.5, chance)
        else:
            taken = received + timedelta(seconds=chance.randint(2, 40))
        if taken.date() >= self.city.today:
            return enquiry
        enquiry.seconds = int(min(max(chance.lognormvariate(5, 0.6), 20), 1500))
        enquiry.taken_at = to_utc(taken, self.city.zone_name)
        enquiry.ended_at = enquiry.taken_at + timedelta(seconds=enquiry.seconds)
        enquiry.state = "done"
        services = [code for code in entry.get("services", ()) if code in self.profiles]
        if services and chance.random() < TURNED_INTO_CASES:
            enquiry.service, enquiry.outcome = services[0], "enquiry_outcome_cases"
            return enquiry
        outcome = chance.choices(list(ENQUIRY_OUTCOMES), list(ENQUIRY_OUTCOMES.values()))[0]
        enquiry.outcome = f"enquiry_outcome_{outcome}"
        if outcome == "spam":
            enquiry.name, enquiry.text = "Gane dinero desde casa", "Pulse aquí para saber cómo."
            enquiry.person, enquiry.channel, enquiry.zone = None, "email", None
        enquiry.is_first_contact = enquiries.is_first_contact(
            answers=outcome in ("answered", "informed"), cases=0, handovers=0
        )
        return enquiry

    def _tell_last(self, chance):
        """Return one that came on the last day and is still on the front desk's board."""
        day = self.city.today - timedelta(days=1)
        enquiry, _entry = self._ask(draw_time(day, HOURS[:8] + (9,) * 14 + (0, 0), chance), chance)
        enquiry.channel = chance.choice(("email", "chat", "social"))
        enquiry.state = chance.choices(("new", "in_hand", "waiting"), (5, 2, 2))[0]
        if enquiry.state != "new":
            enquiry.taken_at = enquiry.received_at + timedelta(minutes=chance.randint(5, 60))
        return enquiry

    def _ask(self, received, chance):
        entry = chance.choices(self.words["enquiries"], [entry["weight"] for entry in self.words["enquiries"]])[0]
        person = self._draw_person(chance)
        enquiry = Enquiry(
            to_utc(received, self.city.zone_name),
            entry["name"],
            entry["text"],
            entry["topic"],
            chance.choices(list(ENQUIRY_CHANNELS), list(ENQUIRY_CHANNELS.values()))[0],
            person=person,
            zone=self.people[person].zone,
            hand=chance.randrange(60),
        )
        return enquiry, entry

    def _judge_first_contacts(self, told):
        """Whoever comes back about the same was not answered the first time."""
        earlier = {}
        for enquiry in told:
            for first in earlier.get(enquiry.person, ()) if enquiry.person is not None else ():
                days = (enquiry.received_at - first.ended_at).total_seconds() / 86400
                if enquiries.is_second_contact(
                    first.topic, enquiry.topic, days_between=days, within=self.city.first_contact_days
                ):
                    first.is_first_contact = False
            if enquiry.ended_at:
                earlier.setdefault(enquiry.person, []).append(enquiry)
