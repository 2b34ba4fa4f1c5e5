# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the whole-system tests: a running city, its mail, people with browsers."""

import shutil
import tempfile
from pathlib import Path

import pytest

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def scratch():
    """A folder of this run's own."""
    folder = Path(tempfile.mkdtemp(prefix="civic-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mailbox(scratch):
    """The outside world's mail."""
    from tests.common.post import Mailbox

    box = Mailbox(scratch / "mailbox")
    yield box
    box.stop()


@pytest.fixture(scope="session")
def running_city(scratch, mailbox):
    from tests.common.city import RunningCity

    city = RunningCity("city", scratch / "city", mailbox)
    try:
        city.create()
        city.start()
        yield city
    finally:
        city.close()


@pytest.fixture
def city(running_city):
    """The running city; the test fails when Odoo logs an error meanwhile."""
    running_city.new_trouble()
    yield running_city
    assert not running_city.new_trouble(), running_city.odoo.output()[-6000:]


@pytest.fixture(scope="module")
def browser():
    from tests.common.browser import Browser

    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def person(browser, city, request):
    """Makes people with browsers; the test fails when a page does to them what it must not do."""
    from tests.common.browser import save_screenshot

    people = []

    def arrive(**how):
        people.append(browser.person(city.address, **how))
        return people[-1]

    yield arrive
    if request.node.stash.get(_FAILED, False):
        for number, somebody in enumerate(people):
            save_screenshot(somebody.page, f"failed-{request.node.name}-{number}")
    try:
        for somebody in people:
            somebody.assert_no_trouble()
    finally:
        for somebody in people:
            somebody.close()
