"""A talk that ends in a case or an enquiry: what is asked next, and what an answer means.

One question at a time, in the order of the city's form: what it is about, which service, where, what the service
asks, who to answer, and a last look before it is sent. Nothing here knows Odoo: whoever leads the talk says which
services fit the citizen's words (``Needs``) and puts questions and errors into words. What was said is plain data,
so that a talk goes on after a reload of the page or of the server.
"""

import re
from dataclasses import asdict, dataclass, field
from datetime import date

from . import questions
from .questions import RefusedAnswer
from .service_search import normalise

MIN_TEXT = 10
MAX_TEXT = 4000
MAX_LINE = 200
#: Cases and enquiries of one conversation; whoever has more to say talks to a person.
MOST_FILED = 5

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
PERSON = {"0", "person", "persona", "operator", "operador", "operadora", "agent", "agente", "human", "humano"}
YES = {"yes", "y", "si", "s", "ok", "1"}
NO = {"no", "n", "2"}
LEAVE_OUT = "-"


@dataclass
class Talk:
    """What has been said; ``ask`` is what the city asked last.

    ``ask`` is ``matter``, ``service``, ``place``, ``answer-<code>``, ``name``, ``email``, ``confirm`` or ``filed``.
    """

    kind: str = "case"
    step: int = 0
    ask: str = "matter"
    matter: str = ""
    found: list = field(default_factory=list)
    service: int = 0
    place: str = ""
    answers: dict = field(default_factory=dict)
    name: str = ""
    email: str = ""
    #: what has been asked and left empty on purpose
    left_out: list = field(default_factory=list)
    #: the last message that was read: read twice, it says nothing new
    seen: int = 0
    error: str = ""
    filed: list = field(default_factory=list)

    def to_dict(self):
        return asdict(self)

    def start_again(self, kind="case"):
        """Forget what was said, but not who the person is, nor what was filed."""
        kept = {name: getattr(self, name) for name in ("step", "name", "email", "seen", "filed")}
        self.__init__(kind=kind, **kept)


@dataclass(frozen=True)
class Needs:
    """What has to be known before a talk can be filed.

    ``identity`` is ``known`` (somebody is signed in), ``asked`` or ``optional``; ``search`` takes the citizen's
    words and returns ids of services, best first.
    """

    place: str = "optional"
    identity: str = "asked"
    questions: tuple = ()
    search: object = None
    today: date = None
    zone: object = None

    def find_question(self, ask):
        return next((q for q in self.questions if ask == f"answer-{q.code}"), None)


def wants_person(text):
    """Return whether somebody asks for a human being, by one word."""
    words = normalise(text)
    return len(words) == 1 and words[0] in PERSON


def next_ask(talk, needs):
    """Return what has to be asked next."""
    wanted = [("matter", not talk.matter)]
    if talk.kind == "case":
        wanted += [("service", not talk.service), ("place", needs.place != "no" and not talk.place)]
        wanted += [
            (f"answer-{question.code}", question.code not in talk.answers)
            for question in needs.questions
            if not question.is_notice
        ]
    if needs.identity != "known":
        wanted += [("name", not talk.name), ("email", not talk.email)]
    return next((ask for ask, is_open in wanted if is_open and ask not in talk.left_out), "confirm")


def hear(talk, text, needs):
    """Take one answer of the citizen into *talk*; ``talk.error`` says why it could not be taken.

    The errors are ``required``, ``too_short``, ``too_long``, ``not_an_address``, ``not_found`` (no service fits),
    ``choose``, ``yes_or_no`` and those of ``core.questions.read``.

    :return: True when the citizen has said that it is to be sent
    """
    text = _CONTROL.sub("", text or "").strip()
    talk.error = ""
    if talk.ask == "confirm":
        return _hear_confirmation(talk, text)
    try:
        _HEAR.get(talk.ask, _hear_answer)(talk, text, needs)
    except RefusedAnswer as refusal:
        talk.error = refusal.code
    return False


def _hear_matter(talk, text, needs):
    if len(text) < MIN_TEXT:
        raise RefusedAnswer("too_short" if text else "required")
    if len(text) > MAX_TEXT:
        raise RefusedAnswer("too_long")
    talk.matter = text
    if talk.kind == "case":
        talk.found = list(needs.search(text))
        if not talk.found:
            # nothing fits: a person finds out what it is
            talk.kind = "enquiry"


def _hear_service(talk, text, needs):
    number = int(text) if text.isdecimal() and len(text) < 3 else 0
    if 0 < number <= len(talk.found):
        talk.service = talk.found[number - 1]
    elif number == len(talk.found) + 1:
        talk.kind = "enquiry"
    elif number or len(normalise(text)) < 1:
        raise RefusedAnswer("choose")
    else:
        found = list(needs.search(text))
        if not found:
            raise RefusedAnswer("not_found")
        talk.found = found


def _hear_place(talk, text, needs):
    talk.place = _line(talk, text, "place", needs.place == "required")


def _hear_name(talk, text, needs):
    talk.name = _line(talk, text, "name", needs.identity == "asked")


def _hear_email(talk, text, needs):
    address = _line(talk, text, "email", needs.identity == "asked")
    if address and not _EMAIL.fullmatch(address):
        raise RefusedAnswer("not_an_address")
    talk.email = address


def _hear_answer(talk, text, needs):
    question = needs.find_question(talk.ask)
    if question is None:  # the service has changed meanwhile
        return
    given = "" if text == LEAVE_OUT else pick(question.options, text) if question.is_list else text
    value = questions.read(question, given, needs.today, needs.zone)
    if value is None:
        talk.left_out.append(talk.ask)
    else:
        talk.answers[question.code] = value if question.is_list or isinstance(value, int | float) else str(value)


def _hear_confirmation(talk, text):
    [word] = normalise(text)[:1] or [""]
    if word in YES:
        return True
    if word in NO:
        talk.start_again(talk.kind)
    else:
        talk.error = "yes_or_no"
    return False


def _line(talk, text, ask, required):
    text = " ".join(text.split())
    if text in ("", LEAVE_OUT):
        if required:
            raise RefusedAnswer("required")
        talk.left_out.append(ask)
        return ""
    if len(text) > MAX_LINE:
        raise RefusedAnswer("too_long")
    return text


_HEAR = {
    "matter": _hear_matter,
    "service": _hear_service,
    "place": _hear_place,
    "name": _hear_name,
    "email": _hear_email,
}


def pick(options, text):
    """Return the keys of the options that *text* names, by number ("1, 3") or by their words.

    A part that names none stays as it is, for ``questions.read`` to refuse.
    """
    whole = normalise(text)
    for option in options:
        if whole == normalise(option.name):
            return [option.key]
    names = {tuple(normalise(option.name)): option.key for option in options}
    names.update({(str(number),): option.key for number, option in enumerate(options, 1)})
    parts = re.split(r"[,;]|\s(?=\d+\b)", text) if options else []
    return [names.get(tuple(normalise(part)), part.strip()) for part in parts if part.strip()]
