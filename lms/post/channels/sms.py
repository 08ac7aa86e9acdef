"""SMS through Aliyun (阿里云短信服务): action SendSms of 2017-05-25, signature version 3.

"OK" means that the gateway has taken the message, not that the phone has it.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from lms.core import clock
from lms.core.carriers import SmsSettings
from lms.post.addresses import parse
from lms.post.channels.http import Request
from lms.post.parcels import AGAIN, REFUSED, SENT, Outcome, Parcel, unreachable
from lms.post.signatures import acs3_authorization, acs3_query
from lms.post.wire import Answer

#: The account or the gateway is at fault: other messages would fare no better.
_ACCOUNT = (
    "SignatureDoesNotMatch", "InvalidAccessKeyId", "Forbidden", "Throttling", "ServiceUnavailable",
    "InternalError", "InvalidTimeStamp", "SignatureNonceUsed", "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE", "isv.ACCOUNT", "isv.SMS_SIGNATURE", "isv.SMS_TEMPLATE",
    "isp.SYSTEM_ERROR",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes requests for one account."""

    settings: SmsSettings

    def __call__(self, parcel: Parcel) -> Request:
        """The request; the ``OutId`` carries our number into the gateway's reports."""
        own = self.settings
        query = acs3_query(
            {
                "PhoneNumbers": parcel.receiver.address,
                "SignName": own.sign,
                "TemplateCode": own.template,
                "TemplateParam": json.dumps({"year": str(parcel.facts.get("year", ""))}),
                "OutId": parcel.ref,
            }
        )
        signed = {
            "host": parse(own.url).authority,
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": sha256(b"").hexdigest(),
            "x-acs-date": clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": "2017-05-25",
        }
        told = {name: value for name, value in signed.items() if name != "host"}
        told["Authorization"] = acs3_authorization(own.key, own.secret, query, signed)
        return Request(f"{own.url}/?{query}", told, b"")


def judge(answer: Answer) -> Outcome:
    """Read the gateway's answer."""
    try:
        code = str(json.loads(answer.body)["Code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return unreachable(f"status-{answer.status}" if answer.status != 200 else "nonsense")
    if code == "OK":
        return Outcome(SENT)
    if code.startswith(_ACCOUNT):
        return unreachable(code[:40])
    if code == "isv.BUSINESS_LIMIT_CONTROL":  # so many to this number in an hour or a day
        return Outcome(AGAIN, code)
    return Outcome(REFUSED, code[:40])
