"""The front desk's figures: how long an answer took, and whether the first one was enough."""

#: A timer that has run longer than this was forgotten: the enquiry was taken and put aside.
LONGEST_HANDLING = 30 * 60


def handling_seconds(started, opened, finished, *, typed=None):
    """Return the whole seconds an answer took.

    The clock starts when the enquiry was taken (a telephone call: when its form was opened),
    unless that lies so far back that it was put aside meanwhile; then when the answer was begun.

    :param datetime started: when it was taken, or None
    :param datetime opened: when the answer was begun
    :param datetime finished: when it was given; all three in the same time zone
    :param int typed: what the person says it took, which counts whatever the clock says
    """
    if typed is not None:
        return max(typed, 0)
    begun = opened
    if started and 0 <= (opened - started).total_seconds() <= LONGEST_HANDLING:
        begun = started
    return max(int((finished - begun).total_seconds()), 0)


def is_first_contact(*, answers, cases, handovers):
    """Return whether an enquiry was settled by whoever took it, there and then.

    :param bool answers: its outcome counts as an answer
    :param int cases: how many cases it was turned into
    :param int handovers: how often it went from one person to another
    """
    return answers and not cases and not handovers


def is_second_contact(first_topic, second_topic, *, days_between, within):
    """Return whether a person came back about the same thing, so that the first answer was not enough.

    Where one of the topics is not known, the benefit of the doubt is the citizen's.

    :param float days_between: from the first answer to the second contact
    :param int within: days after which a contact is a new story
    """
    if not 0 <= days_between <= within:
        return False
    return not first_topic or not second_topic or first_topic == second_topic
