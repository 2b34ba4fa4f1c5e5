# SPDX-License-Identifier: AGPL-3.0-or-later
"""Services of 10,000 letters, against scikit-learn's own pipeline on the same; at least 10,000 a second and core.

In this process, without a server. Both learn from the same 4,000 made-up letters of a city's people
and judge 10,000 others. The bare pipeline is words, pairs of words and letter groups by TF-IDF under the same linear
model, asked for labels alone; ours also says how sure it is, of the three best, and why. A pipeline of words alone is
there to read: it is quicker, and helpless where people misspell. What each gets right is printed.
"""

import importlib.util
import sys
import time
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from threadpoolctl import threadpool_limits

from ..comparison import Result
from ..core.rounds import Sample, Summary, paired_ratio, turns
from ..core.verdict import Target
from ..place import ROOT

COUNT, LEARNED = 10_000, 4_000
RATIO = 1.0
SECOND = 1000.0  # milliseconds

BARE, WORDS = "scikit-learn, words and letter groups", "scikit-learn, words alone"
OURS, LABELS = "ours, three best with reasons", "ours, probabilities alone"


def run(options):
    core = _load(options.addons, "core/text_model.py")
    examples = _load(options.addons, "tests/example_texts.py")
    texts, labels = zip(*examples.letters(LEARNED, seed=1), strict=True)
    asked, told = zip(*examples.letters(COUNT, seed=2), strict=True)
    with threadpool_limits(1):  # one core, as the target says
        ours, _report = core.train(texts, labels, seed=1)
        bare, words = (make_pipeline(reader, _learner()).fit(texts, labels) for reader in (_all_marks(), _words()))
        sides = {
            BARE: lambda: bare.predict(asked),
            OURS: lambda: ours.suggest(asked),
            LABELS: lambda: ours.probabilities(asked),
            WORDS: lambda: words.predict(asked),
        }
        answers = {name: side() for name, side in sides.items()}
        samples = {name: [] for name in sides}
        for number, name in turns(list(sides), options.rounds):
            samples[name].append(_measure(sides[name]))
            if all(len(taken) > number for taken in samples.values()):
                print(f"  round {number + 1} of {options.rounds}", flush=True)
    right = {
        BARE: _share(answers[BARE], told),
        WORDS: _share(answers[WORDS], told),
        OURS: _share([found[0][0] if found else None for found in answers[OURS]], told),
    }
    return _compare(samples, right)


def _load(addons, path):
    path = Path(addons or ROOT / "addons") / "civic_crm" / path
    spec = importlib.util.spec_from_file_location(f"civic_{path.stem}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _words():
    return TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2))


def _all_marks():
    groups = TfidfVectorizer(analyzer="char_wb", strip_accents="unicode", ngram_range=(3, 5))
    return make_union(_words(), groups)


def _learner():
    return SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=12, tol=None, random_state=1)


def _measure(side):
    wall, cpu = time.perf_counter(), time.process_time()
    side()
    return Sample(cpu_ms=(time.process_time() - cpu) * 1000, wall_ms=(time.perf_counter() - wall) * 1000)


def _share(found, told):
    return sum(one == other for one, other in zip(found, told, strict=True)) / len(told)


def _compare(samples, right):
    result = Result("Services of 10,000 letters")
    for name, taken in samples.items():
        result.figures[name] = Summary.of(taken)
        if name != BARE:
            result.ratios[name] = paired_ratio(taken, samples[BARE])
    spent = result.figures[OURS].cpu_ms
    result.notes.append(f"{COUNT / spent * SECOND:,.0f} texts a second and core; figures are of {COUNT:,} texts.")
    result.notes.append("Right: " + "; ".join(f"{name} {share:.1%}" for name, share in right.items()) + ".")
    result.targets.append(Target(f"CPU seconds of {COUNT:,} texts", spent / SECOND, 1.0))
    result.targets.append(Target(f"CPU of ours / of {BARE}", result.ratios[OURS], RATIO))
    result.more["right"] = right
    return result
