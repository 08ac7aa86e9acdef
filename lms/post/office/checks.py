"""What the real receivers check, written from their side and apart from the code that sends, so
that a mistake in one does not hide in the other."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote

TOLERANCE = 300  # seconds a webhook's time may be off
ROBOT_TOLERANCE = 3600


@dataclass(frozen=True, slots=True)
class OfficeSecrets:
    """What sender and receiver share; an empty one is not asked for."""

    webhook: str = ""
    dingtalk: str = ""
    feishu: str = ""
    sms_key: str = ""
    sms_secret: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An HTTP request as it came; header names in small letters."""

    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the receiver answers, and what it understood. ``fault`` is empty for a good message."""

    status: int
    answer: dict[str, Any]
    ref: str = ""
    whom: str = ""
    text: str = ""
    fault: str = ""


def webhook(came: Arrival, secret: str, now: float) -> Verdict:
    """Standard Webhooks: any of the signatures may fit."""
    message_id, at = came.headers.get("webhook-id", ""), came.headers.get("webhook-timestamp", "")
    if not message_id or not at.isdigit() or abs(now - int(at)) > TOLERANCE:
        return Verdict(400, {"error": "time"}, message_id, fault="time")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, message_id.encode() + b"." + at.encode() + b"." + came.body, sha256)
    wanted = "v1," + base64.b64encode(mac.digest()).decode()
    given = came.headers.get("webhook-signature", "").split()
    if secret and not any(hmac.compare_digest(one, wanted) for one in given):
        return Verdict(401, {"error": "signature"}, message_id, fault="signature")
    told = _json(came.body)
    if not {"type", "timestamp", "data"} <= told.keys():
        return Verdict(400, {"error": "body"}, message_id, fault="body")
    return Verdict(200, {}, message_id, str(told["type"]), str(told["data"].get("text", "")))


def wecom(came: Arrival) -> Verdict:
    """WeCom: a key in the address and a text of at most 2,048 bytes."""
    text = _text(_json(came.body), "msgtype", "text", "content")
    if not came.query.get("key"):
        return Verdict(200, {"errcode": 93000, "errmsg": "invalid webhook url"}, fault="key")
    if not text or len(text.encode()) > 2048:
        return Verdict(200, {"errcode": 40008, "errmsg": "invalid message type"}, fault="body")
    return Verdict(200, {"errcode": 0, "errmsg": "ok"}, _number(text), "wecom", text)


def dingtalk(came: Arrival, secret: str, now: float) -> Verdict:
    """DingTalk: time and signature in the address, within an hour."""
    text, at = (
        _text(_json(came.body), "msgtype", "text", "content"),
        came.query.get("timestamp", ""),
    )
    refused = {"errcode": 310000, "errmsg": "sign not match"}
    if not came.query.get("access_token"):
        return Verdict(200, {"errcode": 300001, "errmsg": "token is not exist"}, fault="token")
    if secret:
        mac = hmac.new(secret.encode(), (at + "\n" + secret).encode(), sha256).digest()
        late = not at.isdigit() or abs(now - int(at) / 1000) > ROBOT_TOLERANCE
        if late or came.query.get("sign") != base64.b64encode(mac).decode():
            return Verdict(200, refused, fault="signature")
    if not text:
        return Verdict(200, {"errcode": 40035, "errmsg": "missing parameter"}, fault="body")
    return Verdict(200, {"errcode": 0, "errmsg": "ok"}, _number(text), "dingtalk", text)


def feishu(came: Arrival, secret: str, now: float) -> Verdict:
    """Feishu: time and signature in the body, within an hour."""
    told = _json(came.body)
    text = _text(told, "msg_type", "content", "text")
    if secret:
        at = str(told.get("timestamp", ""))
        mac = hmac.new((at + "\n" + secret).encode(), digestmod=sha256).digest()
        late = not at.isdigit() or abs(now - int(at)) > ROBOT_TOLERANCE
        if late or told.get("sign") != base64.b64encode(mac).decode():
            answer = {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
            return Verdict(200, answer, fault="signature")
    if not text:
        return Verdict(200, {"code": 9499, "msg": "Bad Request"}, fault="body")
    return Verdict(200, {"code": 0, "msg": "success", "data": {}}, _number(text), "feishu", text)


def sms(came: Arrival, secrets: OfficeSecrets, host: str) -> Verdict:
    """Aliyun SendSms: the signature over the request as it came, then the parameters."""
    fault = _acs3_fault(came, secrets, host)
    if fault:
        return Verdict(403, {"Code": fault, "Message": fault}, fault=fault)
    asked = came.query
    if came.headers.get("x-acs-action") != "SendSms" or not asked.get("TemplateCode"):
        return Verdict(400, {"Code": "InvalidAction.NotFound"}, fault="action")
    phone = asked.get("PhoneNumbers", "")
    if len(phone) != 11 or not phone.isdigit():
        return Verdict(200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, fault="phone")
    answer = {"Code": "OK", "Message": "OK", "BizId": "1^0", "RequestId": "local"}
    return Verdict(200, answer, asked.get("OutId", ""), phone, asked.get("TemplateParam", ""))


def _acs3_fault(came: Arrival, secrets: OfficeSecrets, host: str) -> str:
    said = came.headers.get("authorization", "")
    kind, _space, rest = said.partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(",") if "=" in part)
    if kind != "ACS3-HMAC-SHA256" or parts.get("Credential") != secrets.sms_key:
        return "InvalidAccessKeyId.NotFound"
    names = parts.get("SignedHeaders", "").split(";")
    present = {name for name in came.headers if name.startswith("x-acs-")} | {"host"}
    if set(names) != present:
        return "SignatureDoesNotMatch"
    pairs = sorted(parse_qsl(came.raw_query, keep_blank_values=True))
    query = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs)
    known = {**came.headers, "host": host}
    digest = sha256(came.body).hexdigest()
    heads = "".join(f"{name}:{known[name]}\n" for name in names)
    request = f"POST\n{came.path}\n{query}\n{heads}\n{';'.join(names)}\n{digest}"
    told = "ACS3-HMAC-SHA256\n" + sha256(request.encode()).hexdigest()
    wanted = hmac.new(secrets.sms_secret.encode(), told.encode(), sha256).hexdigest()
    return (
        "" if hmac.compare_digest(wanted, parts.get("Signature", "")) else "SignatureDoesNotMatch"
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(told: Mapping[str, Any], kind: str, outer: str, inner: str) -> str:
    inside = told.get(outer)
    is_text = told.get(kind) == "text" and isinstance(inside, dict)
    return str(inside.get(inner, "")) if is_text and isinstance(inside, dict) else ""


def _number(text: str) -> str:
    """The number at the end of a robot's text."""
    return text.rpartition("(No. ")[2].rstrip(")")
