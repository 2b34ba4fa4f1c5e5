# SPDX-License-Identifier: AGPL-3.0-or-later
"""pytest plugin of ``./civic test``: a skipped test is a failed test.

Odoo skips browser tests without a word when the browser is missing or slow to start; a suite that skips
proves nothing.
"""

import pytest


def _fail_if_skipped(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped, which counts as failed here: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _fail_if_skipped((yield))
