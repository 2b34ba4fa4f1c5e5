# SPDX-License-Identifier: AGPL-3.0-or-later
"""People with a browser: a real Chromium on a phone or at a desk, and what no page may do to them."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from .processes import unlimited_memory

PHONE = (360, 740)
TABLET = (768, 1024)
DESK = (1280, 900)
NARROW = 320  # WCAG 2.1, 1.4.10: without scrolling sideways at 320 px

LOCALES = {"en": "en-US", "es": "es-ES"}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PATIENCE = 30_000  # milliseconds that a page may take on a busy machine


class Browser:
    """Chromium, as civic found it, driven by Playwright."""

    def __init__(self):
        with unlimited_memory():
            self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=os.environ["CIVIC_CHROMIUM"])
        expect.set_options(timeout=PATIENCE)

    def person(self, address, **how):
        return Person(self._chromium, address, **how)

    def close(self):
        self._chromium.close()
        self._playwright.stop()


class Person:
    """Somebody with a browser of their own: their language, screen and cookies.

    Whatever a page does that it must not do (an error in the console, a request to a third party, a server error)
    is kept in `trouble`, which `assert_no_trouble` empties.
    """

    def __init__(self, chromium, address, size=PHONE, language="es", javascript=True):
        self.address = address
        self.language = language
        self.trouble = []
        self._console = []
        self._expected = set()
        width, height = size
        phone = size == PHONE
        self._context = chromium.new_context(
            viewport={"width": width, "height": height},
            is_mobile=phone,
            has_touch=phone,
            locale=LOCALES[language],
            timezone_id="Europe/Madrid",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.route(lambda url: not url.startswith((address, "data:", "blob:")), self._refuse)
        self.page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.trouble.append(f"script error: {error}"))
        self.page.on("response", self._look)

    def _refuse(self, route):
        self.trouble.append(f"asks a third party: {route.request.url}")
        route.abort()

    def _hear(self, message):
        if message.type == "error":
            self._console.append((message.location.get("url"), message.text))

    def _look(self, response):
        if response.status >= 500:
            self.trouble.append(f"status {response.status}: {response.url}")

    def open(self, path, status=200):
        """Go to a page of the city, which must answer with `status`."""
        url = path if path.startswith("http") else self.address + path
        answer = self.page.goto(url)
        if status >= 400:
            self.expect_refusal(answer.url)
        assert answer.status == status, f"{url} answers {answer.status}, not {status}"
        return self.page

    def expect_refusal(self, url=None):
        """The next page, or that at `url`, answers 4xx on purpose: the browser's own note of it is no trouble."""
        self._expected.add(url or self.page.url)

    def wait(self, path):
        """Wait for the address to become this path (a pattern), whatever the language in front."""
        self.page.wait_for_url(re.compile(rf"^{re.escape(self.address)}(/\w\w(_\w\w)?)?{path}$"))

    @property
    def path(self):
        return urlsplit(self.page.url).path

    def assert_no_trouble(self):
        trouble = self.trouble + [
            f"console: {text} ({url})" for url, text in self._console if url not in self._expected
        ]
        self.trouble, self._console = [], []
        assert not trouble, "The browser met trouble:\n" + "\n".join(trouble)

    def close(self):
        self._context.close()


def save_screenshot(page, name):
    """Keep what the page looks like, the whole of it, below .state/screenshots; return the file."""
    folder = Path(os.environ["CIVIC_STATE"]) / "screenshots" / "journey"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.png"
    page.screenshot(path=file, full_page=True, animations="disabled")
    return file


def assert_no_sideways_scroll(page, width=None):
    """Nothing of the page lies beside the screen: at its own width, or at `width` pixels."""
    before = page.viewport_size
    if width:
        page.set_viewport_size({"width": width, "height": before["height"]})
    limit = page.viewport_size["width"]
    found = page.evaluate(
        """limit => {
            const wide = document.scrollingElement.scrollWidth;
            if (wide <= limit) return null;
            const out = [...document.querySelectorAll("body *")].filter(el =>
                el.getBoundingClientRect().right > limit + 1 && el.checkVisibility({visibilityProperty: true}));
            const innermost = out.filter(el => !out.some(other => other !== el && el.contains(other)));
            return [wide, innermost.slice(0, 8).map(el => el.outerHTML.slice(0, 160))];
        }""",
        limit,
    )
    page.set_viewport_size(before)
    assert not found, f"{page.url} is {found[0]} px wide on {limit} px; beside the screen:\n" + "\n".join(found[1])


def accessibility_violations(page):
    """What axe-core finds against WCAG 2.1 A and AA, one text per element."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]})
    found = []
    for violation in results.response["violations"]:
        for node in violation["nodes"]:
            why = node["failureSummary"].splitlines()[1].strip()
            found.append(f"{violation['id']} ({violation['impact']}): {node['html'][:160]}\n    {why}")
    return found


def assert_accessible(page):
    found = accessibility_violations(page)
    assert not found, f"axe-core on {page.url}:\n" + "\n".join(found)
