# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of a case: taken, handed over, asked about, paused, closed, confirmed or denied, rated."""

import math
from contextlib import suppress
from datetime import datetime, time, timedelta

from .days import at_work, to_utc
from .facts import Contribution, HandOver, Message, Pause, Rating, Step

#: outcome → share, by kind of case; solved and informed are both good
OUTCOMES = {
    "notice": {"solved": 84, "informed": 3, "planned": 4, "not_competent": 4, "rejected": 3, "withdrawn": 2},
    "request": {"solved": 68, "informed": 20, "not_competent": 2, "rejected": 7, "withdrawn": 3},
    "complaint": {"solved": 62, "informed": 20, "planned": 2, "not_competent": 3, "rejected": 10, "withdrawn": 3},
    "suggestion": {"informed": 58, "planned": 24, "not_competent": 4, "rejected": 13, "withdrawn": 1},
}
STAGES = {"solved": "done", "informed": "done", "withdrawn": "cancelled"}  # all others: rejected
REASONS = {
    "rejected": {"law": 30, "budget": 20, "private": 15, "not_found": 25, "unclear": 10},
    "planned": {"works_plan": 60, "next_budget": 40},
}
REFERRALS = {
    "AGU": ["water"],
    "ALU": ["electricity", "owners"],
    "LIM": ["owners"],
    "MOV": ["region", "state"],
    "SOC": ["region"],
    "URB": ["owners", "region"],
    "PLA": ["state"],
}
PAUSE_REASONS = {"complete": 80, "report": 8, "outside": 12}
#: what the citizen answers to "is it fixed?"
CONFIRMS, DENIES = 0.38, 0.06
RATES = 0.3
#: shares of 5, 3 and 1: as promised, or late or refused
GRADES = {True: (74, 17, 9), False: (30, 31, 39)}
FORGOTTEN = 0.025
#: working days after which even a forgotten case has been found
LONGEST = 70
HANDED_OVER = 0.05
PAUSED = {"request": 0.12, "complaint": 0.06}
#: how fast the city was at the beginning of the two years, and at their end
TREND = (1.12, 0.92)


class NotYet(Exception):
    """The next thing of the story lies in the future."""


class Story:
    """Tells one case from its filing to the day of the history's end; the case is filled in as it goes."""

    def __init__(self, case, filed, service, teller, solved):
        """*filed* is in the city's time, *solved* what the city writes when it is done."""
        self.case, self.service, self.solved = case, service, solved
        self.pace = teller.profiles[service.code]["pace"]
        self.city, self.words, self.chance = teller.city, teller.words, teller.chance
        self.person = teller.people[case.person] if case.person is not None else None
        self.filed = self.now = filed
        self.end = datetime.combine(self.city.today, time.min)
        self.length = self._draw_length()

    def tell(self, duplicate_of=None):
        """Fill in what happened.

        :param Case duplicate_of: the case that has reported the same before, if staff notices
        """
        with suppress(NotYet):
            if duplicate_of:
                self._close_as_duplicate()
            else:
                self._tell_work(self._draw(OUTCOMES[self.service.kind]))
        self._remind()
        self.case.messages.sort(key=lambda message: message.at)

    def _tell_work(self, outcome):
        if outcome == "withdrawn":
            self._withdraw()
            return
        self._take_up()
        self._hand_over()
        self._answer_first()
        self._pause()
        self._ask_departments()
        self._close(outcome)
        self._follow_up(outcome)

    # time ---------------------------------------------------------------

    def _draw_length(self):
        pace, spread = self.pace
        share = (self.end - self.filed).days / 730
        trend = TREND[1] + (TREND[0] - TREND[1]) * share
        august = 1.3 if self.filed.month == 8 else 1
        length = self.service.promise_days * pace * math.exp(self.chance.gauss(0, spread)) * trend * august
        if self.chance.random() < FORGOTTEN:
            length = min((length + 3) * self.chance.uniform(3, 8), LONGEST)
        return length

    def _at(self, moment):
        """Go on to *moment*, or a little later than what came before.

        :raises NotYet: when it is later than the history
        """
        moment = max(moment, self.now + timedelta(minutes=self.chance.randint(4, 50)))
        if moment >= self.end:
            raise NotYet
        self.now = moment
        return moment

    def _at_share(self, low, high):
        """Go on to the share of the case's length that lies between *low* and *high*."""
        return self._at(at_work(self.filed, self.length * self.chance.uniform(low, high), self.chance))

    def _utc(self, moment=None):
        return to_utc(moment or self.now, self.city.zone_name)

    def _draw(self, shares):
        return self.chance.choices(list(shares), list(shares.values()))[0]

    def _say(self, text, from_citizen=False):
        self.case.messages.append(Message(self._utc(), from_citizen, text))

    def _move(self, stage):
        self.case.steps.append(Step(self._utc(), stage))

    # work ---------------------------------------------------------------

    def _take_up(self):
        """Even what is forgotten later has been taken up at first."""
        soon = min(self.length, self.service.promise_days) * self.chance.uniform(0.02, 0.3)
        self._at(at_work(self.filed, soon, self.chance))
        self._move("in_progress")

    def _hand_over(self):
        fitting = [
            entry
            for entry in self.words["handovers"]
            if self.case.service in entry["services"] and entry["to"] in self.city.teams
        ]
        if fitting and self.chance.random() < HANDED_OVER * 2:
            entry = self.chance.choice(fitting)
            self._at_share(0.15, 0.4)
            self.case.hand_over = HandOver(self._utc(), entry["to"], entry["reason"])

    def _answer_first(self):
        if self.chance.random() < (0.7 if self.length > 3 else 0.25):
            self._at_share(0.1, 0.5)
            self._say(self.chance.choice(self.words["first_answers"]))

    def _pause(self):
        if self.chance.random() > PAUSED.get(self.service.kind, 0.015):
            return
        reason = self._draw(PAUSE_REASONS)
        began = self._at_share(0.3, 0.6)
        pause = Pause(began.date(), None, f"pause_reason_{reason}")
        self.case.pauses.append(pause)
        if reason == "complete":
            self._say(self.chance.choice(self.words["questions"]))
            self._move("awaiting")
        ended = self._at(began + timedelta(days=self.chance.lognormvariate(1.6, 0.7), minutes=30))
        pause.last = ended.date()
        if reason == "complete":
            self._say(self.chance.choice(self.words["replies"]), from_citizen=True)
            self._at(at_work(self.now, 0.2, self.chance))
            self._move("in_progress")
        self.length += (pause.last - pause.first).days * 5 / 7

    def _ask_departments(self):
        for entry in self.words["contributions"]:
            if entry["service"] != self.case.service or entry["to"] not in self.city.teams:
                continue
            if self.chance.random() > entry["share"]:
                continue
            asked = self._at_share(0.2, 0.5)
            contribution = Contribution(
                entry["to"], self.chance.choice(entry["asks"]), self._utc(), (asked + timedelta(days=7)).date()
            )
            self.case.contributions.append(contribution)
            answered = self._at(at_work(asked, self.chance.lognormvariate(1.0, 0.7), self.chance))
            contribution.closed_at = self._utc(answered)

    # the end ------------------------------------------------------------

    def _close(self, outcome):
        self._at(at_work(self.filed, self.length, self.chance))
        self._end(outcome)
        kind = {"not_competent": "not_ours"}.get(outcome, outcome)
        self._say(self.solved if kind in ("solved", "informed") else self.chance.choice(self.words[kind]))
        if kind in REASONS:
            reason = self._draw(REASONS[kind])
            self.case.reason = f"reason_{reason}"
            self.case.reason_text = self.words["unclear"][0] if reason == "unclear" else None
        if kind == "not_ours":
            bodies = REFERRALS.get(self.case.service[:3], ["province", "region"])
            self.case.referral = f"referral_{self.chance.choice(bodies)}"

    def _end(self, outcome):
        self._move(STAGES.get(outcome, "rejected"))
        self.case.outcome = f"outcome_{outcome}"

    def _close_as_duplicate(self):
        self._at(at_work(self.filed, 0.4, self.chance))
        self._end("duplicate")
        self._say(self.words["duplicate"][0])

    def _withdraw(self):
        if self.chance.random() < 0.5:
            self._take_up()
        self._at(self.filed + timedelta(days=self.length * self.chance.uniform(0.3, 1)))
        self._end("withdrawn")
        self._say(self.chance.choice(self.words["withdrawn"]), from_citizen=True)

    # after it -----------------------------------------------------------

    def _follow_up(self, outcome):
        if not (self.person and self.person.email):
            return
        closed = self.now
        is_asked = outcome == "solved" and self.service.asks_confirmation
        if self.service.asks_satisfaction and self.chance.random() < RATES:
            self._rate(closed, outcome)
        if is_asked:
            self._ask_whether_fixed(closed, may_deny=True)

    def _rate(self, closed, outcome):
        rated = closed + timedelta(hours=self.chance.lognormvariate(2, 1.2))
        if rated >= self.end:
            return
        good = outcome in ("solved", "informed") and self.length <= self.service.promise_days
        value = self.chance.choices((5, 3, 1), GRADES[good])[0]
        texts = self.words[{5: "happy", 3: "so_so", 1: "unhappy"}[value]]
        self.case.rating = Rating(self._utc(rated), value, self.chance.choice(texts))

    def _ask_whether_fixed(self, closed, may_deny):
        case, days = self.case, self.city.confirmation_days
        case.confirmation, case.confirmation_due = "asked", closed.date() + timedelta(days=days)
        drawn = self.chance.random()
        answered = closed + timedelta(hours=self.chance.lognormvariate(2.8, 1.1))
        if drawn < CONFIRMS + DENIES and answered.date() <= case.confirmation_due:
            self._at(answered)
            if drawn < CONFIRMS or not may_deny:
                case.confirmation, case.confirmed_at = "confirmed", self._utc()
            else:
                self._deny()
        elif case.confirmation_due < self.city.today - timedelta(days=1):
            silence = datetime.combine(case.confirmation_due + timedelta(days=1), time(3, 10))
            case.confirmation, case.confirmed_at = "assumed", self._utc(silence)

    def _deny(self):
        """The citizen says no: it is open again, and closed a second time."""
        case = self.case
        case.confirmation, case.confirmation_due = "denied", None
        case.denials += 1
        case.outcome = None
        if case.rating and case.rating.at > self._utc():
            case.rating = None
        self._say(self.chance.choice(self.words["denials"]), from_citizen=True)
        self._move("in_progress")
        again = at_work(self.now, max(1.0, self.service.promise_days * self.chance.uniform(0.2, 0.7)), self.chance)
        self._at(again)
        self._end("solved")
        self._say(self.chance.choice(self.words["reopened_answers"]))
        self._ask_whether_fixed(self.now, may_deny=False)

    def _remind(self):
        """Whoever waits longer than promised asks how it goes, now and then."""
        late = self.filed + timedelta(days=self.service.promise_days * 1.5 + self.chance.uniform(1, 6))
        waited = late < self.end and not (self.case.closed_at and self._utc(late) >= self.case.closed_at)
        if self.person and waited and self.chance.random() < 0.35:
            self.case.messages.append(Message(self._utc(late), True, self.chance.choice(self.words["reminders"])))
