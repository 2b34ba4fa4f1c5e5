"""Open311 GeoReport v2 without Odoo: addresses, formats, and reading what clients send.

Source: open311.github.io, ``GeoReport/v2/index.md`` and ``Service_Discovery.md``; the updates of requests are
mySociety's extension (``servicerequestupdates``). What is refused is a ``Refused`` with codes; whoever answers puts
them into words.
"""
