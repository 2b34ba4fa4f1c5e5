# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import json

from markupsafe import Markup

from odoo import api, models
from odoo.tools import html2plaintext

from ..core import citizen_file, tracking_code
from ..core.intake import Message, Sender


class CivicAdapterChat(models.AbstractModel):
    """Live chat: the transcript, with what the bot has learned in it, as one JSON document.

    Who chats is whoever is signed in, or nobody: name and address are what the visitor says, and open no thread.
    """

    _name = "civic.adapter.chat"
    _inherit = "civic.adapter"
    _description = "Adapter of live chat"

    @api.model
    def _accept_chat(self, channel, talk, *, key, subject="", operator=None):
        """Take one conversation into the ledger.

        :param channel: the ``discuss.channel``, in a superuser environment
        :param Talk talk: what is known (``core.chat_talk``)
        :param str key: the same one is filed once
        :param str subject: in the operator's words
        :param operator: the user who files it; none when the bot does
        :return: the entry; its ``message_ref`` is the code of the case that is made of it
        """
        document = {
            "conversation": channel.id,
            "language": channel.livechat_lang_id.code or self.env.lang or "",
            "transcript": self._make_transcript(channel),
            "files": self._get_files(channel),
            "talk": {
                name: getattr(talk, name) for name in ("kind", "matter", "service", "place", "answers", "name", "email")
            },
            "subject": subject,
        }
        person = channel._find_signed_in()
        facts = {"chat": channel.id, "visitor": self._name_visitor(channel, person)}
        facts.update({"partner": person.id} if person else {})
        facts.update({"operator": operator.id} if operator else {})
        intake, _is_new = self.env["civic.intake"]._accept(
            "chat",
            json.dumps(document, ensure_ascii=False).encode(),
            key=key,
            channel=self.env.ref("civic_crm.channel_chat").sudo(),
            mimetype="application/json",
            ref=tracking_code.new_code(),
            facts=facts,
        )
        return intake

    @api.model
    def _name_visitor(self, channel, person):
        """Return who chats: whoever is signed in, or the browser that core's live chat knows again by its cookie."""
        if person:
            return f"person {person.id}"
        guests = channel.livechat_customer_guest_ids
        return f"guest {guests[0].id}" if guests else f"chat {channel.id}"

    @api.model
    def _make_transcript(self, channel):
        """List what was said: ``{"at" (UTC), "side" (citizen, bot or staff), "who", "text"}``, oldest first."""
        bots, staff = channel.livechat_bot_partner_ids, channel.livechat_agent_partner_ids
        # sudo: the whole conversation; that the caller may read it was checked
        messages = channel.sudo().message_ids.filtered(lambda message: message.message_type != "notification")
        lines = []
        for message in messages.sorted("id"):
            author = message.author_id
            side = "bot" if author and author in bots else "staff" if author and author in staff else "citizen"
            text = html2plaintext(message.body or "", include_references=False).strip()
            if text or message.attachment_ids:
                names = [f"[{name}]" for name in message.attachment_ids.mapped("name")]
                lines.append(
                    {
                        "at": message.date.isoformat(),
                        "side": side,
                        "who": author.name or message.author_guest_id.name or "",
                        "text": "\n".join([text, *names]).strip(),
                    }
                )
        return lines

    def _get_files(self, channel):
        """List the citizen's files, as many as a form takes."""
        messages = channel.sudo().message_ids.filtered("attachment_ids").sorted("id")
        staff = channel.livechat_bot_partner_ids | channel.livechat_agent_partner_ids
        files = messages.filtered(lambda message: message.author_id not in staff).attachment_ids
        return [
            {"name": file.name, "base64": base64.b64encode(file.raw or b"").decode()}
            for file in files[: citizen_file.MAX_FILES]
            if file.file_size <= citizen_file.MAX_BYTES
        ]

    def _process(self, intake):
        """File it, and keep the transcript with it as a note of staff's."""
        intake.visitor = (intake.facts or {}).get("visitor")
        outcome = super()._process(intake)
        if outcome.state == "processed":
            self._keep_transcript(outcome, self._read(intake))
        return outcome

    def _keep_transcript(self, outcome, document):
        """Write the conversation down at what was made of it."""
        made = self.env["helpdesk.ticket"].sudo().browse(outcome.case_id or [])
        made = made or self.env["crm.lead"].sudo().browse(outcome.enquiry_id or [])
        made.chat_id = document["conversation"] if self._is_conversation(document) else False
        made._message_log(body=self._write_transcript(document["transcript"]))

    def _is_by_staff(self, intake):
        return bool((intake.facts or {}).get("operator"))

    def _decide(self, message):
        """The citizen has seen the services that fit and took none: what it is about, a person finds out."""
        return

    def _is_conversation(self, document):
        return bool(self.env["discuss.channel"].sudo().browse(document["conversation"]).exists())

    def _write_transcript(self, lines):
        said = [
            Markup("<p><strong>%s</strong><br/>%s</p>") % (line["who"], self._break(line["text"])) for line in lines
        ]
        return Markup("<p>%s</p>%s") % (self.env._("Conversation in the live chat:"), Markup().join(said))

    def _break(self, text):
        return Markup("<br/>").join(text.splitlines())

    def _read(self, intake):
        return json.loads(intake._get_raw())

    def _clean_files(self, files):
        """Yield the citizen's files made harmless; the transcript names those that are not taken."""
        for file in files:
            try:
                yield citizen_file.clean(file["name"], base64.b64decode(file["base64"]))
            except citizen_file.RefusedFile:
                continue

    def _translate(self, intake):
        document = self._read(intake)
        talk, known = document["talk"], intake.facts or {}
        service = self.env["helpdesk.ticket.category"].sudo().browse(talk["service"] or []).exists()
        return Message(
            text=talk["matter"],
            subject=document.get("subject") or "",
            sender=Sender(kind="email" if talk["email"] else "", address=talk["email"], name=talk["name"]),
            files=tuple(self._clean_files(document["files"])),
            lang=document["language"],
            facts={"place": talk["place"], "answers": talk["answers"], "tracking_code": intake.message_ref},
            service_id=service.id if talk["kind"] == "case" else 0,
            partner_id=known.get("partner", 0),
        )
