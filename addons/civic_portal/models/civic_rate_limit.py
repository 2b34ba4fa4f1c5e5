# SPDX-License-Identifier: AGPL-3.0-or-later
import hashlib
import hmac
import ipaddress
from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL


class CivicRateLimit(models.Model):
    """How often one visitor did one thing within the hour.

    The visitor is a keyed hash of the network address: enough to count, useless to find
    out who it was. Rows are removed after a day.
    """

    _name = "civic.rate.limit"
    _description = "Rate limit"
    _log_access = False
    _rec_name = "visitor"

    visitor = fields.Char(required=True)
    hour = fields.Datetime(required=True)
    hits = fields.Integer(required=True)

    _visitor_hour_unique = models.UniqueIndex("(visitor, hour)")
    _hour_idx = models.Index("(hour)")

    @api.model
    def _hit(self, action):
        """Count one attempt at *action* by the current visitor.

        :param str action: ``filing``, ``message`` or ``lookup``; the limit per hour is the
            system parameter ``civic_portal.limit_<action>``
        :return: True while the visitor may go on
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        limit = int(get_param(f"civic_portal.limit_{action}", 30))
        secret = get_param("database.secret")
        address = self._get_network(request.httprequest.remote_addr or "")
        visitor = hmac.new(secret.encode(), f"{action}:{address}".encode(), hashlib.sha256).hexdigest()
        hour = fields.Datetime.now().replace(minute=0, second=0)
        [(hits,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO civic_rate_limit (visitor, hour, hits) VALUES (%s, %s, 1)
                ON CONFLICT (visitor, hour)
                DO UPDATE SET hits = civic_rate_limit.hits + 1 RETURNING hits
                """,
                visitor,
                hour,
            )
        )
        return hits <= limit

    def _get_network(self, address):
        """Return what one visitor holds: an IPv4 address, or an IPv6 network of 64 bits."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return address
        if ip.version == 4:
            return address
        return str(ipaddress.ip_network((ip, 64), strict=False))

    @api.autovacuum
    def _gc_old_hours(self):
        self.search([("hour", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()
