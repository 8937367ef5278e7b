"""Messages by email."""

import logging
import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.notify.group import Sending
from bootstrapper.notify.receiver import TIMEOUT
from bootstrapper.notify.taken import Taken
from bootstrapper.notify.wording import text_of, title_of
from bootstrapper.secret import read_secret_value
from bootstrapper.settings.notify import NotifyReceiver, Smtp

logger = logging.getLogger(__name__)
PERMANENT = 500
"""The first of SMTP's codes that are for good. https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"""


class Mail:
    """A connection for each message: they are few."""

    def __init__(self, receiver: NotifyReceiver, smtp: Smtp) -> None:
        self._receiver = receiver
        self._smtp = smtp
        self._taken = Taken()

    def send(self, sending: Sending) -> None:
        """Refused too when some have it and others shall be tried later: that is about them."""
        addresses = self._receiver.email
        message = message_of(sending, self._smtp.sender, addresses)
        left = self._taken.left(sending.id, addresses)
        refused = self._refused(message, left)
        for address, code in refused.items():
            if code >= PERMANENT:
                name = self._receiver.name
                logger.error("%s: the mail server refuses %s (%d)", name, address, code)
        later = [address for address, code in refused.items() if code < PERMANENT]
        if len(later) == len(addresses):
            raise Unavailable("every recipient was refused for now")
        if len(refused) == len(addresses) and not later:
            raise Refused("every recipient was refused")
        if not later:
            self._taken.forget(sending.id)
            return
        self._taken.add(sending.id, (each for each in left if each not in later))
        raise Refused(f"{len(later)} of {len(addresses)} recipients were refused for now")

    def _refused(self, message: EmailMessage, addresses: tuple[str, ...]) -> dict[str, int]:
        """The addresses that it was not taken for, with the server's codes."""
        try:
            found = self._hand_over(message, addresses)
        except smtplib.SMTPRecipientsRefused as error:
            found = error.recipients
        except smtplib.SMTPResponseException as error:
            said = type(error).__name__.removeprefix("SMTP")
            _fail(f"the mail server says {error.smtp_code} ({said})", error.smtp_code, error)
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"the mail server cannot do that: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server is away ({type(error).__name__})") from error
        return {address: code for address, (code, _) in found.items()}

    def _hand_over(
        self, message: EmailMessage, addresses: tuple[str, ...]
    ) -> dict[str, tuple[int, bytes]]:
        smtp = self._smtp
        context = ssl.create_default_context()
        if smtp.tls == "tls":
            link: smtplib.SMTP = smtplib.SMTP_SSL(
                smtp.host, smtp.port, timeout=TIMEOUT, context=context
            )
        else:
            link = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT)
        try:
            if smtp.tls == "starttls":
                link.starttls(context=context)
            if smtp.username and smtp.password:
                word = read_secret_value("notify.smtp.password", smtp.password)
                link.login(smtp.username, word)
            return link.send_message(message, to_addrs=addresses)
        finally:
            with suppress(smtplib.SMTPException, OSError):  # it has the message, or has not
                link.quit()


def _fail(said: str, code: int, error: Exception) -> None:
    kind = Refused if code >= PERMANENT else Unavailable
    raise kind(said) from error


def message_of(sending: Sending, sender: str, addresses: tuple[str, ...]) -> EmailMessage:
    """The same message each time: its id lets a mailbox see a double."""
    message = EmailMessage()
    message["Subject"] = title_of(sending)
    message["From"] = Address(display_name="Bootstrapper", addr_spec=sender)
    message["To"] = tuple(Address(addr_spec=address) for address in addresses)
    message["Date"] = formatdate(sending.at)
    message["Message-ID"] = f"<{sending.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{text_of(sending)}\n")
    return message
