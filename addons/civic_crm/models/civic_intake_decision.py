# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people decide of messages that the system left to them, or set aside; who did is written at the message."""

import logging
from contextlib import contextmanager

from babel.dates import format_timedelta
from psycopg2 import Error as DatabaseError
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import babel_locale_parse

from ..core import intake as ledger
from ..core import outgoing
from ..core.clamd import ScannerDown
from ..exceptions import FilingError
from .civic_virus_scan import Found

_logger = logging.getLogger(__name__)

TODO = "mail.mail_activity_data_todo"


class CivicIntake(models.Model):
    _inherit = "civic.intake"

    first_words = fields.Char(string="First words", compute="_compute_first_words")
    age = fields.Char(compute="_compute_age", help="How long ago it was received.")

    @api.depends("text", "subject", "sender")
    def _compute_first_words(self):
        for intake in self:
            intake.first_words = ledger.first_words(intake.text, intake.subject, intake.sender)

    @api.depends("received_at")
    @api.depends_context("lang")
    def _compute_age(self):
        locale = babel_locale_parse(self.env.lang or "en_US")
        now = fields.Datetime.now()
        for intake in self:
            age = intake.received_at and format_timedelta(intake.received_at - now, add_direction=True, locale=locale)
            intake.age = age or False

    # ------------------------------------------------------------------
    # one by one
    # ------------------------------------------------------------------

    def action_decide(self):
        """Open the dialogue in which a person says what one message is, or several at once."""
        self.check_access("write")
        self._check_undecided()
        self._check_content()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What is it?"),
            "res_model": "civic.intake.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_intake_ids": self.ids,
                "default_way": self.env.context.get("civic_way") or ("reply" if self[:1].case_id else "case"),
                "default_case_id": self.case_id.id if len(self) == 1 else False,
            },
        }

    def action_restore(self):
        """Take back what was set aside: a person decides what it is, and no limit holds it up again."""
        self.check_access("write")
        if any(intake.state != "spam" for intake in self):
            raise UserError(self.env._("Only what was set aside can be taken back."))
        self._check_content()
        # sudo: the ledger's fields are nobody's to write by hand
        self.sudo().write(
            {
                "state": "quarantined",
                "reason": "restored",
                "is_released": True,
                "decided_at": fields.Datetime.now(),
                "decided_user_id": self.env.uid,
            }
        )
        self._note_decision(self.env._("Taken back from what was set aside"))
        for intake in self.sudo():
            intake._ask_front_desk()

    def action_open_made(self):
        """Open the case or enquiry that was made of the message."""
        self.ensure_one()
        made = self.case_id or self.enquiry_id
        return {
            "type": "ir.actions.act_window",
            "res_model": made._name,
            "res_id": made.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # carrying out
    # ------------------------------------------------------------------

    def _carry_out(self, decision):
        """Make of one message what a person has decided.

        :param Decision decision: ``core.intake``
        :raises AccessError: for whoever may not work on the ledger, or not write the case that it is added to
        :raises FilingError: naming what the service needs; nothing has changed then
        :raises UserError: it is done already, its content is gone, or it cannot be done now; nothing has changed then
        """
        self._check_may_carry_out(decision)
        # sudo: filing is the system's; whether this person may ask for it was checked
        entry, found = self.sudo(), Found()
        with self._telling_why(), self.env.cr.savepoint():
            adapter, message = entry._read_to_decide()
            outcome = adapter.with_context(civic_found=found)._make_as_decided(entry, message, decision)
            entry._settle(outcome, user=self.env.user)
            self.env.flush_all()
        entry._lock_away(found.viruses)
        self._finish_todo()
        self._note_decision(self._name_outcome())

    def _check_may_carry_out(self, decision):
        self.ensure_one()
        self.check_access("write")
        self._check_undecided()
        self._check_content()
        if decision.way == "reply":
            self.env["helpdesk.ticket"].browse(decision.case_id).check_access("write")
        elif decision.way == "case":
            self.env["helpdesk.ticket"].check_access("create")

    @contextmanager
    def _telling_why(self):
        """Turn whatever goes wrong into words for who decides, who learns that nothing is lost."""
        try:
            yield
        except (UserError, OperationalError):
            raise  # said already; or two at once, and the request is made again as a whole
        except (outgoing.TryAgain, outgoing.Unclear, outgoing.Refused, ScannerDown) as error:
            self.env.invalidate_all()
            raise UserError(
                self.env._(
                    "%(number)s is still here, unchanged. Try again later: %(why)s", number=self.number, why=error
                )
            ) from error
        except Exception as error:
            _logger.warning("What was decided of message %s failed: %s", self.number, error, exc_info=True)
            self.env.invalidate_all()
            raise UserError(
                self.env._(
                    "%(number)s could not be filed and is still here, unchanged. Tell the administrator: %(why)s",
                    number=self.number,
                    why=f"{type(error).__name__}: {error}",
                )
            ) from error

    def _carry_out_each(self, decision):
        """Make of each message what a person has decided of all of them, each in its own savepoint.

        One that lacks what the service needs becomes an enquiry under that service: the front desk asks.

        :return: ``(messages done, [(message, why not)])``
        """
        done, refused = self.browse(), []
        for intake in self:
            try:
                try:
                    with self.env.cr.savepoint():
                        intake._carry_out(decision)
                except FilingError:
                    with self.env.cr.savepoint():
                        intake._carry_out(ledger.Decision("enquiry", decision.service_id))
                done |= intake
            except UserError as error:
                self.env.invalidate_all()
                # sudo: as above; the board shows why
                intake.sudo().last_error = str(error)[:2000]
                refused.append((intake, str(error)))
        return done, refused

    def _read_to_decide(self):
        """Return ``(adapter, Message)`` of one entry; what its adapter cannot read is taken as the ledger shows it."""
        adapter = self.env.get(f"civic.adapter.{self.adapter}")
        plain = self.env["civic.adapter"]
        if adapter is None:
            return plain, plain._read_plainly(self)
        try:
            return adapter, adapter._read_to_decide(self)
        except (DatabaseError, outgoing.TryAgain, outgoing.Unclear, outgoing.Refused):
            raise
        except Exception:  # whatever is wrong in it, a person has read it and decided
            return plain, plain._read_plainly(self)

    def _is_from_citizen_of(self, case):
        """Return whether one message is from the citizen of *case*, by more than what it says itself.

        Of a mail the address is enough, as everywhere, unless the city's mail server found it forged.
        """
        citizen = case.partner_id
        if self.handle_id:
            return self.handle_id._may_write_in(case)
        if partner_id := (self.facts or {}).get("partner"):
            return partner_id == citizen.id
        if self.adapter != "mail" or not self.sender or self.env["civic.adapter.mail"]._is_forged(self):
            return False
        return self.sender in (case.email_normalized, citizen.email_normalized)

    def _check_content(self):
        if any(not intake.raw_attachment_id for intake in self):
            raise UserError(
                self.env._("What came was deleted when its time was over. Ask the sender to write once more.")
            )

    # ------------------------------------------------------------------
    # writing down
    # ------------------------------------------------------------------

    def _name_outcome(self):
        names = {
            "case": self.env._("Filed as a case: %s", self.case_id.number),
            "enquiry": self.env._("Filed as an enquiry: %s", self.enquiry_id.name),
            "reply": self.env._("Added to the case %s", self.case_id.number),
        }
        return names[self.result]

    def _note_decision(self, words):
        """Write at each message what was decided, in the name of who did; an earlier decision stays to be read."""
        self.sudo()._message_log_batch(bodies=dict.fromkeys(self.ids, words))

    def _finish_todo(self):
        """The front desk has done what it was asked to do."""
        self.sudo().activity_feedback([TODO])
