"""The ways by which no telephone rings, for real: HTTP and e-mail."""

import json
from collections.abc import Mapping
from email.message import EmailMessage

from appliance.callbacks import webhook_post
from appliance.callbacks.webhook_bodies import Message, headers
from appliance.callbacks.webhook_post import NotTaken
from appliance.settings.tasks import Mail
from appliance.tasks import mail as mailing
from appliance.tasks.mail import NotSent

TIMEOUT = 20.0  # seconds


class RealPosting:
    """See appliance.tasks.escalation.Posting."""

    def webhook(self, url: str, body: Mapping[str, object], id: str, secret: str | None, at: float) -> str:
        """POST as JSON, signed where there is a secret. The id stands in the header Idempotency-Key."""
        message = Message(id, json.dumps(body, ensure_ascii=False).encode())
        plain = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "appliance"}
        signed = plain if secret is None else headers(message, secret, at)
        try:
            webhook_post.post(url, message.body, {**signed, "Idempotency-Key": id}, TIMEOUT)
        except NotTaken as error:
            raise NotSent(str(error)) from None
        return "taken"

    def email(self, mail: Mail, password: str | None, made: EmailMessage) -> str:
        return mailing.send(mail, password, made)
