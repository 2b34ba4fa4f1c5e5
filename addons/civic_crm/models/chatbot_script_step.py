# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from ..core import chat_talk


class ChatbotScriptStep(models.Model):
    """A step that leads a whole talk: it is repeated, with another question each time, until all is said.

    The visitor's browser knows it as a step that takes free text, so nothing of core's chat window is changed.
    """

    _inherit = "chatbot.script.step"

    civic_talk = fields.Selection(
        [("case", "File a case"), ("enquiry", "Leave an enquiry")],
        string="Ask until it can be filed",
        help="The bot asks what the city's form asks, one thing at a time, and files it: a case with its service, or an"
        " enquiry for the front desk. The message of the step is its first question. Whoever writes “person” goes on"
        " to the next step.",
    )

    @api.constrains("civic_talk", "step_type")
    def _check_civic_talk(self):
        if any(step.civic_talk and step.step_type != "free_input_single" for step in self):
            raise ValidationError(self.env._("A step that asks until it can be filed is of the type “Free Input”."))

    def _is_last_step(self, discuss_channel=False):
        return False if self.civic_talk else super()._is_last_step(discuss_channel)

    def _process_answer(self, discuss_channel, message_body):
        """Return this very step until a person is wanted: its next question depends on what was said."""
        if not self.civic_talk:
            return super()._process_answer(discuss_channel, message_body)
        text = html2plaintext(message_body or "")
        if self.civic_talk == "case" and chat_talk.wants_person(text):
            return super()._process_answer(discuss_channel, message_body)
        # sudo: the talk is kept for whoever is in the conversation, which the caller has checked
        discuss_channel.sudo()._hear_citizen(self, text)
        return self

    def _process_step(self, discuss_channel):
        if self.civic_talk:
            channel = discuss_channel.sudo()
            if channel._get_talk(self).seen:
                return channel._chatbot_post_message(self.chatbot_script_id, channel._say_next(self))
        return super()._process_step(discuss_channel)
