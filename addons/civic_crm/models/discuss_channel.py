# SPDX-License-Identifier: AGPL-3.0-or-later
from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import format_date, html2plaintext

from ..core import chat_talk
from ..core.chat_talk import Needs, Talk

#: Services offered to choose from; more is not read on a phone.
MOST_FOUND = 5


class DiscussChannel(models.Model):
    """A live chat that becomes a case or an enquiry: by the bot that asks, or by an operator's command."""

    _inherit = "discuss.channel"

    civic_talk = fields.Json(groups=NO_ACCESS, help="What the bot and the citizen have said so far.")

    # ------------------------------------------------------------------
    # the bot
    # ------------------------------------------------------------------

    def _get_talk(self, step):
        """Return the ``Talk`` of this conversation at *step*; each step begins its own."""
        kept = self.civic_talk or {}
        talk = Talk(**kept) if kept else Talk()
        if talk.step != step.id:
            talk = Talk(kind=step.civic_talk, step=step.id, name=talk.name, email=talk.email, filed=talk.filed)
        return talk

    def _chatbot_restart(self, chatbot_script):
        # sudo: whoever is in the conversation may begin again
        kept = self.sudo().civic_talk
        if kept:
            self.sudo().civic_talk = Talk(filed=kept.get("filed", [])).to_dict()
        return super()._chatbot_restart(chatbot_script)

    def _hear_citizen(self, step, text):
        """Take the citizen's newest message into the talk, and file what is complete."""
        talk = self._get_talk(step)
        newest = self._find_newest_of_citizen().id
        if newest == talk.seen:  # sent twice by the browser: nothing new was said
            return
        talk.seen = newest
        if talk.ask == "filed":
            talk.start_again(step.civic_talk)
        if chat_talk.hear(talk, text, self._get_needs(talk)):
            self._file_talk(talk)
        else:
            talk.ask = chat_talk.next_ask(talk, self._get_needs(talk))
        self.civic_talk = talk.to_dict()

    def _file_talk(self, talk):
        if len(talk.filed) >= chat_talk.MOST_FILED:
            talk.error = "too_many"
            return
        intake = self.env["civic.adapter.chat"]._accept_chat(self, talk, key=f"{self.id}:{talk.seen}")
        intake._process()
        talk.filed.append(intake.id)
        talk.ask = "filed"

    def _find_newest_of_citizen(self):
        staff = self.chatbot_current_step_id.chatbot_script_id.operator_partner_id | self.livechat_agent_partner_ids
        return self.env["mail.message"].search(
            Domain([("model", "=", "discuss.channel"), ("res_id", "=", self.id), ("message_type", "=", "comment")])
            & (Domain("author_id", "=", False) | Domain("author_id", "not in", staff.ids)),
            order="id desc",
            limit=1,
        )

    def _find_signed_in(self):
        """Return the person who chats with a login, or nobody: what a visitor says of themselves proves nothing."""
        visitors = self.livechat_customer_partner_ids.filtered("user_ids")
        return (
            visitors
            if len(visitors) == 1 and not visitors.user_ids.filtered(lambda u: u._is_public())
            else visitors[:0]
        )

    def _get_needs(self, talk):
        service = self.env["helpdesk.ticket.category"].browse(talk.service or []).exists()
        facts = service._get_public_facts() if service else {}
        identity = "known" if self._find_signed_in() else "asked"
        if identity == "asked" and facts.get("identification") == "anonymous":
            identity = "optional"
        return Needs(
            place=facts.get("ask_place") or "no",
            identity=identity,
            questions=service._get_questions() if service else (),
            search=self._find_services,
            today=self.env["helpdesk.ticket"]._get_city_today(),
            zone=self.env.company._get_city_zone(),
        )

    def _find_services(self, text, for_staff=False):
        """Return the ids of the services that fit the words of *text*, best first.

        Those that ask for a photo, or for a login that nobody has here, are left to the form.
        """
        domain = Domain("is_heading", "=", False)
        if not for_staff:
            domain &= Domain("show_in_portal", "=", True)
        services = self.env["helpdesk.ticket.category"].sudo().search(domain)
        if not for_staff:
            services = services.filtered(self._may_be_filed_by_bot)
        return services._rank_by_words(text)[:MOST_FOUND].ids

    def _may_be_filed_by_bot(self, service):
        facts = service._get_public_facts()
        may_identify = facts["identification"] != "identified" or bool(self._find_signed_in())
        return may_identify and facts["ask_photo"] != "required"

    # ------------------------------------------------------------------
    # what the bot says
    # ------------------------------------------------------------------

    def _say_next(self, step):
        """Return the bot's next words as Markup: what was wrong, then the question."""
        talk = self._get_talk(step)
        if talk.ask == "filed":
            return self._say_filed(self.env["civic.intake"].browse(talk.filed[-1]))
        needs = self._get_needs(talk)
        error = self._say_talk_error(talk, needs)
        parts = [Markup("<p>%s</p>") % error] if error else []
        return Markup().join([*parts, self._say_question(talk, needs)])

    def _say_talk_error(self, talk, needs):
        question = needs.find_question(talk.ask)
        if talk.error and question:
            return self.env["civic.service.question"]._say_error(talk.error, question)
        words = {
            "required": self.env._("We need this to go on."),
            "too_short": self.env._("Tell us a little more: at least 10 characters."),
            "too_long": self.env._("That is too long. Shorten it."),
            "not_an_address": self.env._("Check the e-mail address: it should look like name@example.org."),
            "not_found": self.env._("We found no service for these words."),
            "choose": self.env._("Write the number of one of these, or other words."),
            "yes_or_no": self.env._("Write yes or no."),
            "too_many": self.env._("You have sent several already. Write “person” to talk to somebody."),
        }
        return words.get(talk.error, "")

    def _say_question(self, talk, needs):
        if talk.ask == "service":
            names = [self._get_service_name(service_id) for service_id in talk.found]
            return self._say_list(
                self.env._("What is it? Write the number, or say it in other words."),
                [*names, self.env._("None of these")],
            )
        if talk.ask == "confirm":
            return self._say_summary(talk, needs)
        if question := needs.find_question(talk.ask):
            return self._say_service_question(question)
        leave_out = self.env._("Write - to leave it out.")
        words = {
            "matter": self.env._("What is it about? Tell us in your own words."),
            "place": self.env._("Where is it? A street and number, or a place."),
            "name": self.env._("What is your name?"),
            "email": self.env._("Which e-mail address do we answer to?"),
        }[talk.ask]
        optional = needs.place == "optional" if talk.ask == "place" else needs.identity == "optional"
        return Markup("<p>%s</p>") % (f"{words} {leave_out}" if optional and talk.ask != "matter" else words)

    def _say_service_question(self, question):
        parts = [question.label, question.help, question.datatype_description]
        if question.datatype == "datetime" and not question.datatype_description:
            parts.append(self.env._("As day/month/year."))
        if question.datatype == "multivaluelist":
            parts.append(self.env._("Several: write their numbers with commas."))
        if not question.required:
            parts.append(self.env._("Write - to leave it out."))
        words = " ".join(part for part in parts if part)
        return self._say_list(words, [option.name for option in question.options])

    def _say_list(self, words, lines):
        items = Markup().join(Markup("<br/>%s. %s") % (number, line) for number, line in enumerate(lines, 1))
        return Markup("<p>%s%s</p>") % (words, items)

    def _say_summary(self, talk, needs):
        lines = [(self.env._("Service"), self._get_service_name(talk.service))] if talk.service else []
        lines += [(self.env._("What happens"), talk.matter), (self.env._("Where"), talk.place)]
        for question in needs.questions:
            if question.code in talk.answers:
                lines.append((question.label, self._say_answer(question, talk.answers[question.code])))
        lines += [(self.env._("Name"), talk.name), (self.env._("E-mail"), talk.email)]
        said = Markup().join(
            Markup("<br/>%s %s") % (label if label.endswith("?") else f"{label}:", value)
            for label, value in lines
            if value
        )
        return Markup("<p>%s%s</p><p>%s</p>") % (
            self.env._("This is what we send:"),
            said,
            self.env._("Is it right? Write yes to send it, or no to begin again."),
        )

    def _say_answer(self, question, value):
        if question.is_list:
            names = {option.key: option.name for option in question.options}
            return ", ".join(names.get(key, key) for key in value)
        return str(value)

    def _get_service_name(self, service_id):
        return self.env["helpdesk.ticket.category"].browse(service_id)._get_public_facts()["name"]

    def _say_filed(self, intake):
        """Return what the citizen is told of what was made of the talk."""
        case = intake.case_id
        if case:
            words = [self.env._("Your case is registered. Its code: %(code)s", code=case.tracking_code)]
            summary = case._get_public_summary()
            if summary["department"]:
                words.append(self.env._("It is with: %(department)s", department=summary["department"]))
            if summary["promised_on"]:
                day = format_date(self.env, summary["promised_on"], date_format="long")
                words.append(self.env._("You have an answer by %(day)s.", day=day))
            link = case.tracking_url
        elif intake._is_held():
            words = [self.env._("We have your message (%(number)s). A person looks at it first.", number=intake.number)]
            link = ""
        else:
            words = [self.env._("We have your message (%(number)s). The front desk answers you.", number=intake.number)]
            link = ""
        said = Markup("<br/>").join(words)
        if link:
            said += Markup('<br/><a href="%s">%s</a>') % (link, self.env._("Follow your case"))
        return Markup("<p>%s</p>") % said

    # ------------------------------------------------------------------
    # the operator
    # ------------------------------------------------------------------

    def execute_command_case(self, **kwargs):
        """``/case [what it is about]``: make a case of this conversation."""
        self._file_by_operator("case", kwargs.get("body") or "")

    def execute_command_enquiry(self, **kwargs):
        """``/enquiry [subject]``: make an enquiry of this conversation."""
        self._file_by_operator("enquiry", kwargs.get("body") or "")

    def _file_by_operator(self, kind, body):
        """File a conversation for the operator who asks for it, and tell both sides.

        :raises AccessError: when the user is not of the front desk, or may not read the conversation
        :raises UserError: in a channel that is no live chat, or where the citizen has said nothing
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("civic_crm.group_agent"):
            raise AccessError(self.env._("Only the front desk makes cases and enquiries of a conversation."))
        if self.channel_type != "livechat":
            raise UserError(self.env._("This is no live chat: there is no citizen in it."))
        words = " ".join(html2plaintext(body).split()).removeprefix(f"/{kind}").strip()
        # sudo: reading the conversation was checked; filing is the system's
        channel = self.sudo()
        talk = channel._get_talk_of_operator(kind, words)
        if not talk.matter:
            raise UserError(self.env._("The citizen has not written anything yet."))
        if kind == "case" and not talk.service:
            self._tell_operator(channel._say_no_service(words))
            return
        key = f"{self.id}:{channel._find_newest_of_citizen().id}:{kind}:{talk.service}"
        intake = self.env["civic.adapter.chat"]._accept_chat(
            channel, talk, key=key, subject=words, operator=self.env.user
        )
        was_done = intake.state != "received"
        intake._process()
        self._tell_operator(self._say_to_operator(intake, kind))
        if not was_done:
            lang = channel.livechat_lang_id.code or self.env.lang
            self.message_post(
                body=channel.with_context(lang=lang)._say_filed(intake.with_context(lang=lang)),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def _get_talk_of_operator(self, kind, words):
        """Return what the bot has learned, with all that the citizen has written as the matter."""
        kept = self.civic_talk or {}
        talk = Talk(**kept) if kept else Talk()
        said = [
            line["text"] for line in self.env["civic.adapter.chat"]._make_transcript(self) if line["side"] == "citizen"
        ]
        talk.kind = kind
        talk.matter = "\n".join(said)[: chat_talk.MAX_TEXT]
        if kind == "enquiry":
            talk.service = 0
        elif words:
            talk.service = (self._find_services(words, for_staff=True) or [0])[0]
        elif not talk.service:
            talk.service = (self._find_services(talk.matter, for_staff=True) or [0])[0]
        return talk

    def _say_no_service(self, words):
        return self.env._(
            "No service fits “%(words)s”. Write /case with words of its name, or /enquiry to leave it to the front"
            " desk.",
            words=words,
        )

    def _say_to_operator(self, intake, kind):
        if intake.case_id:
            return self.env._("Case: %s", intake.case_id._get_html_link())
        if intake.enquiry_id and kind == "case":
            return self.env._(
                "The service asks for what is not known yet, so this is an enquiry: %s",
                intake.enquiry_id._get_html_link(),
            )
        if intake.enquiry_id:
            return self.env._("Enquiry: %s", intake.enquiry_id._get_html_link())
        return self.env._("It is in the ledger as %(number)s and is tried again.", number=intake.number)

    def _tell_operator(self, words):
        self.env.user._bus_send_transient_message(self, words)
