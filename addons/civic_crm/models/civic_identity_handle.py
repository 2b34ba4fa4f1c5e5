# SPDX-License-Identifier: AGPL-3.0-or-later
import re
import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import consteq, email_normalize

from ..core import intake as ledger

#: Read cases of all departments.
FRONT_DESK = "civic_crm.group_agent,civic_crm.group_auditor"
CODE_DIGITS = 8
CODE_HOURS = 1
CODE_TRIES = 5
_CODE = re.compile(r"\b(\d{4})[ -]?(\d{4})\b")


class CivicIdentityHandle(models.Model):
    """An account of a network, as the network vouches for it, and whose it is once that has been proved.

    Whoever writes by it is known by nothing else: neither the name shown nor what is written makes it a citizen's. It
    becomes one's by a code sent to that citizen's own vouched address, or by staff with the person before them. What
    was moved then is kept, so that a wrong match can be undone.
    """

    _name = "civic.identity.handle"
    _description = "Account of a network"
    _inherit = ["mail.thread"]
    _order = "talked_at desc, id desc"

    connector_id = fields.Many2one("civic.connector", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(related="connector_id.kind")
    account = fields.Char(required=True, readonly=True, help="As the network numbers or names it.")
    chat = fields.Char(readonly=True, help="Where answers go; empty: to the account.")
    name = fields.Char(string="Name shown", readonly=True, help="What the person calls themselves there.")
    lang_code = fields.Char(string="Language", readonly=True)
    active = fields.Boolean(default=True)

    # whose it is
    partner_id = fields.Many2one(
        "res.partner", string="Citizen", readonly=True, index="btree_not_null", ondelete="restrict", tracking=True
    )
    linked_at = fields.Datetime(readonly=True)
    linked_how = fields.Selection(
        [
            ("own", "Known by this account alone"),
            ("code", "Code sent to their e-mail"),
            ("counter", "Staff saw who it is"),
        ],
        readonly=True,
        tracking=True,
    )
    linked_user_id = fields.Many2one("res.users", string="Linked by", readonly=True)
    moved = fields.Json(readonly=True, groups="base.group_system", help="What changed hands with the link.")

    # the conversation
    talked_at = fields.Datetime(string="Last message", readonly=True)
    last_ref = fields.Char(readonly=True, help="The network's name of the last message by them.")
    written_at = fields.Datetime(string="Last written by them", readonly=True)
    talk_case_id = fields.Many2one(
        "helpdesk.ticket", string="Open case", readonly=True, ondelete="set null", groups=FRONT_DESK
    )
    talk_enquiry_id = fields.Many2one(
        "crm.lead", string="Open enquiry", readonly=True, ondelete="set null", groups=FRONT_DESK
    )

    # a link that waits for its code
    code_digest = fields.Char(groups="base.group_system")
    code_partner_id = fields.Many2one("res.partner", groups="base.group_system", ondelete="cascade")
    code_until = fields.Datetime(groups="base.group_system")
    code_tries = fields.Integer(groups="base.group_system")

    _account_unique = models.UniqueIndex("(connector_id, account)")

    @api.depends("name", "account", "connector_id")
    def _compute_display_name(self):
        for handle in self:
            handle.display_name = f"{handle.name or handle.account} ({handle.connector_id.sudo().name})"

    # ------------------------------------------------------------------
    # who writes
    # ------------------------------------------------------------------

    @api.model
    def _find_or_create_for(self, connector, post):
        """Return the handle (superuser) of who has written *post*, its names brought up to date."""
        # sudo: the network vouches for the account, and nobody else writes it
        Handle = self.sudo().with_context(active_test=False)
        handle = Handle.search([("connector_id", "=", connector.id), ("account", "=", post.account)], limit=1)
        seen = {"name": post.name or handle.name, "chat": post.chat or False, "lang_code": post.lang[:2] or False}
        if not handle:
            return Handle.create({"connector_id": connector.id, "account": post.account, **seen})
        handle.update({name: value for name, value in seen.items() if handle[name] != value})
        return handle

    def _may_write_in(self, record):
        """Return whether what this account writes may go into a case or enquiry, and answers there back to it.

        It is theirs when it came by this account and nobody else has been put on it since, or when both are the same
        proved citizen's.
        """
        self.ensure_one()
        # sudo: compares, tells nothing
        record = record.sudo()
        if self.partner_id:
            return record.partner_id == self.partner_id
        return record.handle_id == self and not record.partner_id

    def _find_case(self, reply_to="", case_code=""):
        """Return the case (superuser) that a message of this account answers, or an empty one.

        What it quotes comes first, then the code it names, then the conversation under way; each only where the
        account may write.
        """
        Case = self.env["helpdesk.ticket"].sudo()
        quoted = self._find_answer(reply_to).case_id
        if quoted and self._may_write_in(quoted):
            return quoted
        named = Case._find_by_tracking_code(case_code) if case_code else Case
        if named and self._may_write_in(named):
            return named
        talked = self.talk_case_id or self.talk_enquiry_id.case_ids[:1]
        return talked if self._is_talking(talked) and not talked.closed_date else Case

    def _find_enquiry(self, reply_to=""):
        """Return the enquiry (superuser) that a message of this account goes on with, or an empty one."""
        quoted = self._find_answer(reply_to).enquiry_id
        if quoted and self._may_write_in(quoted):
            return quoted
        talked = self.talk_enquiry_id
        is_open = self._is_talking(talked) and talked.enquiry_state != "done"
        return talked if is_open else talked.browse()

    def _find_answer(self, reply_to):
        Outbox = self.env["civic.outbox"].sudo()
        return (reply_to and Outbox.search([("handle_id", "=", self.id), ("ref", "=", reply_to)], limit=1)) or Outbox

    def _is_talking(self, record):
        if not record or not self.talked_at:
            return False
        days = timedelta(days=self.connector_id.conversation_days)
        return self.talked_at >= fields.Datetime.now() - days and self._may_write_in(record)

    def _remember(self, case=None, enquiry=None, ref=None):
        """Remember what is being talked about; *ref* is the name of what they wrote, None when the city did."""
        now = fields.Datetime.now()
        values = {"talked_at": now, **({} if ref is None else {"written_at": now, "last_ref": ref})}
        if case or enquiry:
            values.update(talk_case_id=case.id if case else False, talk_enquiry_id=enquiry.id if enquiry else False)
        self.sudo().write(values)

    def _get_citizen(self):
        """Return the citizen whose account this is; one known by nothing else is made when there is none."""
        self.ensure_one()
        if not self.partner_id:
            citizen = (
                self.env["res.partner"]
                .sudo()
                .with_context(tracking_disable=True)
                .create(
                    {
                        "name": self.name or self.account,
                        "is_citizen": True,
                        "lang": self._get_lang() or self.env["res.partner"]._get_city_lang(),
                    }
                )
            )
            self._link(citizen, "own")
        return self.partner_id

    def _get_lang(self):
        """Return the code of the city's language that the person's app is set to, or nothing."""
        active = self.env["res.lang"]._get_active_by("code")
        return next((code for code in active if self.lang_code and code.partition("_")[0] == self.lang_code), "")

    # ------------------------------------------------------------------
    # whose it is
    # ------------------------------------------------------------------

    def action_link(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Whose account is it?"),
            "res_model": "civic.identity.link",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handle_id": self.id},
        }

    def action_unlink(self):
        """Undo a wrong match: what came by the account goes back to it, and the citizen keeps the rest.

        :raises AccessError: for anybody but the front desk
        """
        self._check_front_desk()
        for handle in self:
            if not handle.partner_id:
                raise UserError(self.env._("This account is nobody's."))
            handle.sudo()._give_back()

    def _check_front_desk(self):
        if not (self.env.su or self.env.user.has_group("civic_crm.group_agent")):
            raise AccessError(self.env._("The front desk says whose account it is."))

    def _link(self, citizen, how, user=None):
        """Make this account *citizen*'s, with what came by it and is nobody else's; proof is the caller's."""
        handle = self.sudo()
        if handle.partner_id and handle.partner_id != citizen and handle.linked_how != "own":
            raise UserError(self.env._("This account is somebody's. Undo that first."))
        former = handle.partner_id
        moved = {"former": former.id or False, "messages": []}
        for model in ("helpdesk.ticket", "crm.lead"):
            records = self._get_own(model, former)
            moved[model] = records.ids
            moved["messages"] += self._hand_over(records, former, citizen)
        handle.write(
            {
                "partner_id": citizen.id,
                "linked_at": fields.Datetime.now(),
                "linked_how": how,
                "linked_user_id": user.id if user else False,
                "moved": moved,
                "code_digest": False,
                "code_partner_id": False,
                "code_until": False,
                "code_tries": 0,
            }
        )

    def _get_own(self, model, partner):
        """Return what came by this account and has *partner* (or nobody) as its citizen."""
        return (
            self.env[model]
            .sudo()
            .with_context(active_test=False)
            .search([("handle_id", "=", self.id), ("partner_id", "=", partner.id or False)])
        )

    def _hand_over(self, records, former, citizen):
        """Make *citizen* the one who asks in *records*; return the ids of the messages that become theirs."""
        if not records:
            return []
        author = former or self.env.ref("base.public_partner")
        messages = (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", records._name), ("res_id", "in", records.ids), ("author_id", "=", author.id)])
        )
        messages.author_id = citizen or self.env.ref("base.public_partner")
        values = {"partner_id": citizen.id or False}
        if records._name == "helpdesk.ticket":
            values.update(partner_name=citizen.name or self.name, partner_email=citizen.email or False)
        if former:
            records.message_unsubscribe(former.ids)
        records.write(values)
        if records._name == "helpdesk.ticket" and citizen:
            records._subscribe_requester_of_new()
        return messages.ids

    def _give_back(self):
        """Take from the citizen what came by this account, and what it has written into their own cases."""
        citizen, moved = self.partner_id, self.moved or {}
        former = self.env["res.partner"].browse(moved.get("former") or ()).exists()
        for model in ("helpdesk.ticket", "crm.lead"):
            self._hand_over(self._get_own(model, citizen), citizen, former)
        self._hide_foreign_words(citizen)
        self.write(
            {
                "partner_id": former.id or False,
                "linked_how": "own" if former else False,
                "linked_at": False,
                "linked_user_id": False,
                "moved": False,
                "talk_case_id": False,
                "talk_enquiry_id": False,
            }
        )
        open_answers = self.env["civic.outbox"].search([("handle_id", "=", self.id), ("state", "=", "waiting")])
        open_answers.filtered(lambda answer: not self._may_write_in(answer._get_record()))._give_up("unlinked")

    def _hide_foreign_words(self, citizen):
        """What the account wrote into the citizen's own cases while it was taken for theirs is kept for staff alone."""
        entries = self.env["civic.intake"].search([("handle_id", "=", self.id), ("result", "=", "reply")])
        strange = entries.message_id.filtered(lambda message: message.author_id == citizen)
        strange.write({"author_id": self.env.ref("base.public_partner").id, "is_internal": True})

    # ------------------------------------------------------------------
    # proof by code
    # ------------------------------------------------------------------

    def _send_code(self, citizen):
        """Send a code to the vouched address of *citizen*, to be written back by this account.

        :raises UserError: when the city has no such address
        """
        self.ensure_one()
        address = citizen.sudo().civic_trusted_email or ""
        if not email_normalize(address):
            raise UserError(self.env._("No verified e-mail of this citizen is known. Ask them to come to the counter."))
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        # sudo: the code is the citizen's alone
        self.sudo().write(
            {
                "code_digest": self._digest(code),
                "code_partner_id": citizen.id,
                "code_until": fields.Datetime.now() + timedelta(hours=CODE_HOURS),
                "code_tries": 0,
            }
        )
        speaker = self.with_context(lang=citizen.lang or self.env.lang)
        self.env["mail.mail"].sudo().create(
            {
                "subject": speaker.env._("Your code: is this account yours?"),
                "body_html": speaker._write_code_mail(code),
                "email_to": address,
                "auto_delete": True,
            }
        )

    def _write_code_mail(self, code):
        return Markup("<p>%s</p><p><strong>%s %s</strong></p><p>%s</p>") % (
            self.env._(
                "To have your messages by %s with the rest of your cases, write this code there:", self.display_name
            ),
            code[:4],
            code[4:],
            self.env._("Somebody else's account? Then do nothing: without the code nothing happens."),
        )

    def _digest(self, code):
        return ledger.digest(f"{self.id}:{code}".encode())

    def _takes_code(self, words):
        """Return whether *words* are the answer to a code; the account is the citizen's when it is the right one."""
        handle = self.sudo()
        found = _CODE.fullmatch(words.strip())
        if not (found and handle.code_digest and handle.code_until > fields.Datetime.now()):
            return False
        handle.code_tries += 1
        if handle.code_tries > CODE_TRIES:
            handle.code_digest = False
        elif consteq(handle.code_digest, self._digest("".join(found.groups()))):
            self._link(handle.code_partner_id, "code")
        return True
