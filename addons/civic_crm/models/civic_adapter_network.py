# SPDX-License-Identifier: AGPL-3.0-or-later
import re

from odoo import models

from ..core import outgoing
from ..core.intake import Message, Outcome, Sender
from ..core.networks.post import Unreadable, load, shorten
from .civic_connector import NETWORKS

#: A case's code where it stands in a text; typed in any form it is only read on pages.
CASE_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
#: A file that cannot be fetched is tried for so long; then the message goes on without it.
FILE_TRIES = 2
REASONS = {"automatic": "automatic", "group": "other", "other": "other"}


class CivicAdapterNetwork(models.AbstractModel):
    """What the adapters of networks have in common: accounts, threads, files and answers.

    An adapter of a network names its file in ``core/networks`` and says how files are fetched (``_fetch``) and
    answers are sent (``_send``).
    """

    _name = "civic.adapter.network"
    _inherit = "civic.adapter"
    _description = "Adapter of a network"

    #: Key in ``civic_connector.NETWORKS``.
    _kind = ""

    # ------------------------------------------------------------------
    # in
    # ------------------------------------------------------------------

    def _read(self, intake):
        return NETWORKS[self._kind].read(load(intake._get_raw()), (intake.facts or {}).get("number", 0))

    def _process(self, intake):
        try:
            post = self._read(intake)
        except Unreadable as error:
            raw = intake._get_raw()[:4000].decode("utf-8", "replace")
            return Outcome("quarantined", reason="unreadable", seen={"text": f"{error}\n{raw}"})
        seen = self._look_at(intake, post)
        if post.skip:
            return Outcome("spam", reason=REASONS[post.skip], seen=seen)
        if self._came_before(intake, seen["message_ref"]):
            return Outcome("spam", reason="duplicate", seen=seen)
        handle = self.env["civic.identity.handle"]._find_or_create_for(intake.connector_id, post)
        intake.handle_id = handle
        if self._is_command(post) or handle._takes_code(post.text):
            handle._remember(ref=post.ref)
            return Outcome("spam", reason="command", seen={**seen, "text": ""})
        return self._tell(intake, handle, post, seen)

    def _tell(self, intake, handle, post, seen):
        """Make of it what it is, and remember what is talked about."""
        message = self._make_message(intake, handle, post)
        here = self.with_context(civic_from_handle=handle)
        handle = handle.with_context(civic_from_handle=handle)
        outcome = here._deal_with(intake, message)
        handle._remember(
            self.env["helpdesk.ticket"].sudo().browse(outcome.case_id or ()),
            self.env["crm.lead"].sudo().browse(outcome.enquiry_id or ()),
            ref=post.ref,
        )
        return Outcome(**{**outcome.__dict__, "seen": {**outcome.seen, **seen}})

    def _make(self, intake, message, seen):
        handle, reply_to = message.facts["handle"], message.facts["reply_to"]
        enquiry = not handle._find_case(reply_to, message.case_code) and handle._find_enquiry(reply_to)
        if not enquiry:
            return super()._make(intake, message, seen)
        enquiry = enquiry.with_context(civic_from_handle=handle)
        answer = enquiry._post_from_citizen(message.text, message.files, channel=intake.channel_id)
        return Outcome("processed", "reply", enquiry_id=enquiry.id, message_id=answer.id, seen=seen)

    def _look_at(self, intake, post):
        ref = f"{post.chat or post.account}/{post.ref}" if post.ref else intake.key.partition(":")[2]
        return {
            "sender_kind": "handle" if post.account else "",
            "sender": post.account,
            "subject": post.subject,
            "text": "\n".join(filter(None, (post.subject, f"{post.name} {post.account}".strip(), post.text))),
            "message_ref": f"{ref}/{intake.id}" if post.is_edited else ref,
        }

    def _came_before(self, intake, ref):
        """Return whether the network's own name for it is known: it was sent again in other bytes."""
        earlier = [("connector_id", "=", intake.connector_id.id), ("message_ref", "=", ref), ("id", "!=", intake.id)]
        return bool(ref) and bool(intake.search_count([*earlier, ("state", "!=", "received")], limit=1))

    def _is_command(self, post):
        return False

    def _make_message(self, intake, handle, post):
        files, missing = self._get_files(intake, post)
        words = [self.env._("(corrected)") if post.is_edited else "", post.text, *missing]
        if post.latitude is not None:
            words.append(
                self.env._("Place: %(latitude)s, %(longitude)s", latitude=post.latitude, longitude=post.longitude)
            )
        code = CASE_CODE.search(post.text.upper())
        return Message(
            text="\n".join(filter(None, words)),
            subject=post.subject,
            sender=Sender("handle", post.account, post.name, is_verified=True),
            files=tuple(files),
            lang=handle._get_lang(),
            case_code=code[0] if code else "",
            facts={
                "handle": handle,
                "reply_to": post.reply_to,
                "latitude": post.latitude or 0,
                "longitude": post.longitude or 0,
            },
            service_id=self._find_service(post),
            partner_id=handle.partner_id.id,
        )

    def _find_service(self, post):
        if not post.service:
            return 0
        found = [("service_code", "=", post.service), ("show_in_portal", "=", True)]
        return self.env["helpdesk.ticket.category"].sudo().search(found, limit=1).id

    def _get_files(self, intake, post):
        """Return the files of *post*, and for each that is missing a sentence that says so."""
        files, missing = [], []
        limit = intake.connector_id.max_file_mb << 20
        for media in post.media[:10]:
            try:
                if media.content is not None:
                    content = media.content
                elif media.size > limit:
                    raise outgoing.Refused("size")
                else:
                    content = self._fetch(intake.connector_id, media, limit)
                if len(content) > limit:
                    raise outgoing.Refused("size")
                files.append((media.name, content))
            except outgoing.Refused as error:
                missing.append(
                    self.env._("The file “%(name)s” was not taken (%(why)s).", name=media.name, why=error.code)
                )
            except (outgoing.TryAgain, outgoing.Unclear) as error:
                if intake.attempts < FILE_TRIES:
                    raise
                missing.append(self.env._("The file “%(name)s” was not taken (%(why)s).", name=media.name, why=error))
        return files, missing

    def _fetch(self, connector, media, limit):
        """Return the bytes of *media*; raises what ``core.outgoing.ask`` does."""
        return outgoing.ask("GET", media.ref, connector._get_hosts(with_media=True), limit=limit)

    def _find_thread(self, message):
        handle = message.facts["handle"].with_env(self.sudo().env)  # so that the case knows by whom it is written to
        return handle._find_case(message.facts["reply_to"], message.case_code)

    def _file(self, intake, message, service):
        handle = message.facts["handle"]
        by_handle = self.with_context(default_handle_id=handle.id, default_answer_handle_id=handle.id)
        case = super(CivicAdapterNetwork, by_handle)._file(intake, message, service).with_env(self.sudo().env)
        case._acknowledge_by_handle()
        return case

    def _make_enquiry(self, intake, message):
        enquiry = super()._make_enquiry(intake, message)
        enquiry.handle_id = enquiry.answer_handle_id = message.facts["handle"]
        return enquiry

    # ------------------------------------------------------------------
    # out
    # ------------------------------------------------------------------

    def _shorten(self, words, more):
        return shorten(words, NETWORKS[self._kind].TEXT_LIMIT, more)

    def _check_may_send(self, handle):
        """Raise ``core.outgoing.Refused`` when the network would not deliver now."""

    def _send(self, connector, answer):
        """Send one ``civic.outbox`` and return the network's name for it; raises what ``core.outgoing.ask`` does.

        :param connector: in a superuser environment
        """
        raise NotImplementedError

    def _name_of(self, answer, *path):
        """Return the name in the *answer* of an API; what it has done is done, even if it says so oddly."""
        try:
            value = load(answer)
            for step in path:
                value = value[step]
            return str(value)[:200]
        except (Unreadable, KeyError, IndexError, TypeError):
            return ""
