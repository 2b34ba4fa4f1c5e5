# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which option wins a question: by first choices, approvals, points, or by comparing rankings.

In a ranking, options that a ballot does not name stand below all it names, and equal to each other.
Ties go by the order stated beforehand; ``tied_with`` names whom an option tied with.
"""

from fractions import Fraction

from .outcome import Outcome, Round, RuleError


def plurality(election):
    """The option most ballots put first. Needs one choice a ballot, or rankings."""
    if election.vote_type != "ordinal" and any(len(ballot) > 1 for ballot in election.choices):
        raise RuleError("Plurality counts ballots with one choice or a ranking; these choose several at once.")
    counts = [0] * len(election.projects)
    for ballot in election.choices:
        if ballot:
            counts[ballot[0]] += 1
    return _highest(election, counts)


def approval(election):
    """The option that most ballots name."""
    return _highest(election, election.votes)


def scores(election):
    """The option with most points (cumulative voting, scores)."""
    return _highest(election, election.scores)


def borda(election):
    """The option with most Borda points: with m options m - 1 for the first, 0 for the last.

    Options that a ballot leaves out share equally the points of the places it leaves out (the averaged
    score of truncated ballots: Emerson, "The original Borda count and partial voting", 2013, discusses it).
    """
    _needs_rankings(election, "Borda")
    size, doubled = len(election.projects), [0] * len(election.projects)
    for ballot in election.choices:
        share = size - len(ballot) - 1  # twice the mean of 0 ... size - len - 1
        for i in range(size):
            doubled[i] += share
        for place, i in enumerate(ballot):
            doubled[i] += 2 * (size - 1 - place) - share
    return _highest(election, [Fraction(each, 2) for each in doubled])


def _highest(election, counts):
    standing = [i for i in election.standing if counts[i] >= election.threshold]
    order = sorted(standing, key=lambda i: (-counts[i], election.ranks[i]))
    rounds = []
    for place, i in enumerate(order):
        tied = [election.projects[j].id for j in order if j != i and counts[j] == counts[i]]
        action = "elected" if place < election.seats else "not elected"
        rounds.append(Round(action, election.projects[i].id, {"votes": counts[i], "tied_with": tied}))
    return _outcome(election, order[: election.seats], rounds)


def instant_runoff(election):
    """Eliminate the option with fewest first choices until one has more than half of the ballots left.

    Ware (1871); among equals the one that the order of ties puts last goes. A ballot whose options are all
    gone is exhausted. Facts: ``votes``, ``counts`` (by id), ``exhausted``, ``tied_with``.
    """
    _needs_rankings(election, "Instant runoff")
    if election.seats != 1:
        raise RuleError("Instant runoff elects one option.")
    left, rounds = set(election.standing), []
    while left:
        piles = dict.fromkeys(left, 0)
        for ballot in election.choices:
            top = next((i for i in ballot if i in left), None)
            if top is not None:
                piles[top] += 1
        counted = sum(piles.values())
        best = min(left, key=lambda i: (-piles[i], election.ranks[i]))
        won = 2 * piles[best] > counted or len(left) == 1
        lowest = min(piles.values())
        goes = best if won else max((i for i in left if piles[i] == lowest), key=election.ranks.__getitem__)
        facts = {
            "votes": piles[goes],
            "counts": {election.projects[i].id: piles[i] for i in sorted(left, key=election.ranks.__getitem__)},
            "exhausted": len(election.choices) - counted,
            "tied_with": [election.projects[i].id for i in left if i != goes and piles[i] == piles[goes]],
        }
        rounds.append(Round("elected" if won else "eliminated", election.projects[goes].id, facts))
        if won:
            return _outcome(election, [best], rounds)
        left.discard(goes)
    return _outcome(election, [], rounds)


def pairwise(election):
    """Return a matrix: how many ballots put option i before option j."""
    size = len(election.projects)
    before = [[0] * size for _ in range(size)]
    for ballot in election.choices:
        unnamed = set(range(size))
        for i in ballot:
            unnamed.discard(i)
        for place, i in enumerate(ballot):
            row = before[i]
            for j in ballot[place + 1 :]:
                row[j] += 1
            for j in unnamed:
                row[j] += 1
    return before


def condorcet(election):
    """The option that beats every other, one against one; nobody, if there is none.

    Condorcet, "Essai sur l'application de l'analyse" (1785). Facts: ``against`` (ballots for and against by id).
    """
    _needs_rankings(election, "Condorcet")
    before = pairwise(election)
    rounds, winners = [], []
    for i in sorted(election.standing, key=election.ranks.__getitem__):
        others = [j for j in election.standing if j != i]
        beats_all = all(before[i][j] > before[j][i] for j in others)
        facts = {"against": {election.projects[j].id: (before[i][j], before[j][i]) for j in others}}
        rounds.append(Round("elected" if beats_all else "not elected", election.projects[i].id, facts))
        if beats_all:
            winners.append(i)
    notes = [] if winners else ["No option beats every other."]
    return _outcome(election, winners, rounds, notes)


def schulze(election):
    """The option whose strongest path to each other is at least as strong as the one back.

    Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
    election method" (Social Choice and Welfare 36, 2011), strength of a win: ballots for it. With several
    *seats* the next ones are those who would win without the former. Facts: ``paths`` (there and back by id).
    """
    _needs_rankings(election, "Schulze")
    before, left = pairwise(election), list(election.standing)
    winners, rounds = [], []
    while left and len(winners) < election.seats:
        paths = _strongest_paths(before, left)
        best = [i for i in left if all(paths[i][j] >= paths[j][i] for j in left)]
        i = min(best, key=election.ranks.__getitem__)
        facts = {
            "paths": {election.projects[j].id: (paths[i][j], paths[j][i]) for j in left if j != i},
            "tied_with": [election.projects[j].id for j in best if j != i],
        }
        rounds.append(Round("elected", election.projects[i].id, facts))
        winners.append(i)
        left.remove(i)
    return _outcome(election, winners, rounds)


def _strongest_paths(before, options):
    """Floyd and Warshall: the strength of a path is its weakest win, of two paths the stronger counts."""
    paths = {
        i: {j: before[i][j] if before[i][j] > before[j][i] else 0 for j in options if j != i} | {i: 0} for i in options
    }
    for k in options:
        for i in options:
            if i == k:
                continue
            via = paths[i][k]
            for j in options:
                if j not in (i, k):
                    paths[i][j] = max(paths[i][j], min(via, paths[k][j]))
    return paths


def _needs_rankings(election, rule):
    if election.vote_type not in ("ordinal", "choose-1"):
        raise RuleError(f"{rule} counts rankings; these ballots are of the type {election.vote_type}.")


def _outcome(election, winners, rounds, notes=()):
    return Outcome("", tuple(election.projects[i].id for i in winners), rounds, notes=list(notes))
