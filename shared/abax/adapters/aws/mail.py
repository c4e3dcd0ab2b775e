"""Mail by Amazon SES, version 2 of its API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from abax.adapters.aws.session import client
from abax.errors import MailRefused, MailUnreachable, MailUnsure

TIMEOUT: Final = 20.0
"""Seconds that the answer may take. It is asked once: a second try of the client's own could send twice."""

_LATER: Final = (
    *("TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"),
    *("SendingPausedException", "InternalFailure", "ServiceUnavailable"),
)


class SesSender:
    """The MailSender port on SES. It is given our bytes as they are; on their way SES replaces the Message-ID
    by its own and adds its signature, which no sender can prevent."""

    name = "Amazon SES"

    def send(self, content: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Send once; SES's own id of the message."""
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            ConnectTimeoutError,
            EndpointConnectionError,
        )

        try:
            answer = client("sesv2", timeout=TIMEOUT).send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": list(recipients)},
                Content={"Raw": {"Data": content}},
            )
        except ClientError as error:
            code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            refusal = MailUnreachable if code in _LATER else MailRefused
            raise refusal(self.name, f"{code}: {said}"[:300]) from error
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise MailUnreachable(self.name, str(error)) from error
        except BotoCoreError as error:  # the line broke after the request had left
            raise MailUnsure(self.name, str(error)) from error
        return str(answer["MessageId"])
