# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tests of the whole system share.

    processes   waiting for a condition, free ports, processes of ours
    city        a running city: its own database, a real Odoo, a mail gateway; ORM access to it
    postgres    a database server of one test's own, to be killed
    imap        a mail box to be fetched from
    odd_mails   mails of all qualities
    post        mail in and out over real SMTP
    browser     people with a browser, screenshots, what a page must not do, axe-core
    words       a text of the interface in the reader's language
    photos      a photo as a phone takes it

The fixtures are in ``tests/conftest.py``. Tests inside one transaction take the same city, its people, the
security matrix and the query budget from ``odoo.addons.civic_crm.tests.common``.
"""
