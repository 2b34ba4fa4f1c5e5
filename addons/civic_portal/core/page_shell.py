"""One rendering of the site's frame for all anonymous visitors.

Header, menus and footer cost several times what a civic page's own content costs, and are
the same for everybody who is not logged in, but for the address of the page (language menu,
canonical link) and the CSRF token. So the frame is rendered once, for an address that is
nobody's, with marks in the places of title and content. Nothing of any visitor's request
(address, query, host) goes into it.
"""

import re
from urllib.parse import quote

from markupsafe import Markup

MAIN = Markup("<!--civic:main-->")
TITLE = "civic:title:mark"
#: The address for which the frame is rendered: of the form of a case's page, and no case.
PATH = "/cases/civic-path-mark"
_QUOTED_PATH = quote(PATH, safe="")
_TOKEN = re.compile(r'csrf_token: "[^"]*"')


def fill(shell, main, title, path, csrf_token):
    """Return the page.

    :param str shell: the frame, as rendered at ``PATH``
    :param main: trusted markup
    :param title: trusted markup
    :param str path: absolute path of the page, without language prefix, not yet quoted
    """
    page = _TOKEN.sub(lambda _match: f'csrf_token: "{csrf_token}"', shell)
    page = page.replace(_QUOTED_PATH, quote(path, safe="")).replace(PATH, quote(path))
    return page.replace(TITLE, title).replace(MAIN, main)
