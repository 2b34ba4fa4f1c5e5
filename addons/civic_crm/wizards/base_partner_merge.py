# SPDX-License-Identifier: AGPL-3.0-or-later
"""Merging two citizens who are one: guarded, logged, and nothing of either lost."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: Put into the context by the city's own wizard, where a person has looked at both; no client can send an object.
LOOKED_AT = object()
#: What the record of a merge keeps of the other entry. No document, no birth date.
KEPT_VALUES = ("name", "email", "phone", "street", "street2", "zip", "city", "lang", "ref", "function", "website")
#: Identity is merged by hand: core copies what the user may read, while the other entry still holds it.
IDENTITY_FIELDS = ("civic_id_kind", "civic_id_number", "civic_id_country_id", "civic_birth_date")


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merge citizens only as the city allows it, by whatever way it is asked for.

        Core demands one e-mail address of all but the administrator. Citizens are entered twice because they have
        two: who has looked at both in the city's own wizard may merge them.
        """
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if len(partners) < 2 or not any(partner.is_citizen for partner in partners):
            return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        if not dst_partner or dst_partner not in partners:
            dst_partner = self._get_ordered_partner(partners.ids)[-1]
        others = partners - dst_partner
        self._check_citizen_merge(partners)
        ended = self._get_ended_logins(partners)
        logs = [self._prepare_merge_vals(other, dst_partner, partners) for other in others]
        ended._end_login()
        # sudo: history is moved that the user may not read (other departments, visitors of the website); checked above
        result = super(BasePartnerMergeAutomaticWizard, self.sudo())._merge(partners.ids, dst_partner.sudo())
        self.env["civic.citizen.merge"].sudo().create(logs)
        dst_partner.sudo()._update_consent_state()
        return result

    # ------------------------------------------------------------------
    # who may, what may be
    # ------------------------------------------------------------------

    def _check_citizen_merge(self, partners):
        """Refuse what would give one person's history to another.

        :raises AccessError: for anybody below the front desk
        :raises UserError: for two documents, two logins, or a login that nobody has looked at
        """
        if not self.env.su and not self.env.user.has_group("civic_crm.group_agent"):
            raise AccessError(self.env._("Only the front desk merges citizens."))
        partners.check_access("write")
        # sudo: the rules are about what the user may not read
        sudo = partners.sudo().with_context(active_test=False)
        admin = self.env.su or self.env.user.has_group("civic_crm.group_admin")
        self._check_one_document(sudo, admin)
        self._check_logins(sudo, admin)
        if not self._is_looked_at() and len({partner.email for partner in sudo}) > 1:
            raise UserError(
                self.env._("They have different addresses. Open one of them, choose “Merge with…” and compare.")
            )
        if len({partner.is_company for partner in sudo}) > 1:
            raise UserError(self.env._("An association and a person are never one. Enter a membership instead."))

    def _is_looked_at(self):
        return self.env.context.get("civic_merge") is LOOKED_AT

    def _check_one_document(self, partners, admin):
        documents = {
            (partner.civic_id_kind, partner.civic_id_number, partner.civic_id_country_id)
            for partner in partners
            if partner.civic_id_number
        }
        if len(documents) > 1 and not admin:
            raise UserError(
                self.env._(
                    "They have different documents, so they are two people for the city. If one document is wrong, or"
                    " somebody went from NIE to DNI, the administrator merges them."
                )
            )

    def _check_logins(self, partners, admin):
        users = partners.user_ids
        if any(not user.share for user in users):
            raise UserError(self.env._("Somebody of the city's staff is among them. Staff is not merged."))
        if not users:
            return
        if len(users) > 1 and not (admin and self._is_looked_at()):
            raise UserError(
                self.env._(
                    "Each of them has a login, and a person has one. The administrator merges them under “Merge with…”"
                    " and chooses there which login stays."
                )
            )
        if not self._is_looked_at():
            raise UserError(
                self.env._(
                    "One of them has a login, which would read the cases of both. Open the citizen and choose"
                    " “Merge with…”, where you confirm that you have checked who it is."
                )
            )
        claimed = [user for user in users if user.partner_id.email_normalized != user.partner_id.civic_trusted_email]
        if claimed and not admin:
            raise UserError(
                self.env._(
                    "The login of %s gives an address that nobody has checked: anybody can enter anybody's. Check"
                    " it with them and write it into the citizen's form, or ask the administrator to merge.",
                    claimed[0].partner_id.name,
                )
            )

    def _get_ended_logins(self, partners):
        """Return the logins (superuser) that end with the merge: all but the one that was chosen to stay.

        :raises UserError: when nobody has chosen
        """
        # sudo: whoever merges need not administer users; who may has been checked
        users = partners.sudo().with_context(active_test=False).user_ids
        if len(users) < 2:
            return users.browse()
        kept = users.browse(self.env.context.get("civic_merge_login") or [])
        if kept not in users or not kept:
            raise UserError(self.env._("Each of them has a login. Choose which one stays."))
        return users - kept

    # ------------------------------------------------------------------
    # what is moved
    # ------------------------------------------------------------------

    def _prepare_merge_vals(self, other, kept, partners):
        """Return what is recorded of an entry that is about to go."""
        labels = other.fields_get(KEPT_VALUES, ["string"])
        values = {name: other[name] for name in KEPT_VALUES if other[name]}
        sudo = other.sudo()
        values["document"] = sudo.civic_id_masked or ""
        values["zone"] = sudo.civic_zone_id.complete_name or ""
        Case = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        return {
            "partner_id": kept.id,
            "merged_id": other.id,
            "merged_name": other.name,
            "merged_values": values,
            "merged_text": "\n".join(f"{labels[name]['string']}: {values[name]}" for name in labels if name in values),
            "reason": self.env.context.get("civic_merge_reason"),
            "at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "case_count": Case.search_count([("partner_id", "=", other.id)]),
            "had_login": bool(partners.sudo().with_context(active_test=False).user_ids),
            "ended_login": ", ".join(self._get_ended_logins(partners).mapped("login")) or False,
        }

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Move every row; of two rows that may not stand beside each other, the kept citizen's stays.

        Core moves a table's rows in one go and, where one of them violates a constraint, deletes them all: a citizen
        who follows one case that the other follows too would lose every other. And a unique index, which Odoo makes
        of ``models.UniqueIndex``, it does not see at all.
        """
        result = None
        for src in src_partners:
            self._drop_what_is_there_twice(src, dst_partner)
            result = super()._update_foreign_keys(src, dst_partner)
        self.env.cr.execute(  # who filed for the other has filed for themselves
            "UPDATE helpdesk_ticket SET representative_id = NULL"
            " WHERE representative_id = partner_id AND partner_id = %s",
            (dst_partner.id,),
        )
        return result

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        Follower = self.env["mail.followers"].sudo()
        for src in src_partners:
            of_src = Follower.search([("res_model", "=", "res.partner"), ("res_id", "=", src.id)])
            of_dst = Follower.search([("res_model", "=", "res.partner"), ("res_id", "=", dst_partner.id)])
            of_src.filtered(lambda row, of_dst=of_dst: row.partner_id in of_dst.partner_id).unlink()
        return super()._update_reference_fields(src_partners, dst_partner)

    def _drop_what_is_there_twice(self, src, dst):
        """Delete the rows of *src* that, moved to *dst*, would repeat one of its rows or contradict themselves."""
        self.env.flush_all()
        for table, column in self._get_fk_on("res_partner"):
            if "base_partner_merge_" in table:
                continue
            for columns, predicate in self._get_unique_keys(table, column):
                self._drop_repeated(table, column, columns, predicate, src.id, dst.id)
        for model, one, other in (
            ("civic.membership", "partner_id", "group_id"),
            ("civic.representation", "representative_id", "represented_id"),
        ):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %(table)s WHERE %(one)s IN %(both)s AND %(other)s IN %(both)s",
                    table=SQL.identifier(self.env[model]._table),
                    one=SQL.identifier(one),
                    other=SQL.identifier(other),
                    both=(src.id, dst.id),
                )
            )
        self.env.invalidate_all()

    def _get_unique_keys(self, table, column):
        """Return ``(other columns, predicate or None)`` of each unique index on plain columns, *column* among them."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(att.attname::text), pg_get_expr(idx.indpred, idx.indrelid)
                  FROM pg_index AS idx
                  JOIN pg_class AS rel ON rel.oid = idx.indrelid
                  JOIN pg_attribute AS att ON att.attrelid = rel.oid AND att.attnum = ANY(idx.indkey)
                 WHERE rel.relname = %s AND rel.relnamespace = current_schema::regnamespace
                   AND idx.indisunique AND idx.indexprs IS NULL
                 GROUP BY idx.indexrelid, idx.indpred, idx.indrelid
                """,
                table,
            )
        )
        return [([c for c in columns if c != column], predicate) for columns, predicate in rows if column in columns]

    def _drop_repeated(self, table, column, columns, predicate, src_id, dst_id):
        rows = SQL("SELECT ctid AS place, * FROM %s", SQL.identifier(table))
        if predicate:  # PostgreSQL's own text of the index
            rows = SQL("%s WHERE %s", rows, SQL(predicate.replace("%", "%%")))  # pylint: disable=sql-injection
        same = [SQL("src.%s = dst.%s", SQL.identifier(c), SQL.identifier(c)) for c in columns] or [SQL("TRUE")]
        self.env.cr.execute(
            SQL(
                "DELETE FROM %(table)s WHERE ctid IN (SELECT src.place FROM (%(rows)s) AS src, (%(rows)s) AS dst"
                " WHERE src.%(column)s = %(src)s AND dst.%(column)s = %(dst)s AND %(same)s)",
                table=SQL.identifier(table),
                rows=rows,
                column=SQL.identifier(column),
                src=src_id,
                dst=dst_id,
                same=SQL(" AND ").join(same),
            )
        )

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Fill what the kept entry does not say; keep who vouches for its address and number.

        Core writes the outcome as the user: an address that a login gave itself would become one that staff vouches
        for, and a document that the user may not read would be lost.
        """
        # sudo: whoever merges may not read documents
        src, dst = src_partners.sudo(), dst_partner.sudo()
        own = self._get_merged_trust(src, dst) | self._get_merged_identity(src, dst)
        src.write(dict.fromkeys(IDENTITY_FIELDS, False))
        result = super()._update_values(src_partners, dst_partner)
        dst.write(own)
        return result

    def _get_merged_trust(self, src, dst):
        """Return who vouches for the address and the number that the kept entry will have: core takes the last."""
        chain = [*src, dst]
        mailed = next((partner for partner in reversed(chain) if partner.email), dst)
        called = next((partner for partner in reversed(chain) if partner.phone), dst)
        return {
            "civic_trusted_email": mailed.civic_trusted_email,
            "civic_phone_by_staff": called.civic_phone_by_staff,
        }

    def _get_merged_identity(self, src, dst):
        """Return the document and birth date that the kept entry has not got."""
        values = {}
        holder = next((partner for partner in src if partner.civic_id_number), None)
        if holder and not dst.civic_id_number:
            values.update(
                civic_id_kind=holder.civic_id_kind,
                civic_id_number=holder.civic_id_number,
                civic_id_country_id=holder.civic_id_country_id.id,
            )
        born = next((partner for partner in src if partner.civic_birth_date), None)
        if born and not dst.civic_birth_date:
            values["civic_birth_date"] = born.civic_birth_date
        return values
