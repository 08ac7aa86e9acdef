"""Robots of enterprise chat groups: WeCom (企业微信), DingTalk (钉钉) and Feishu (飞书, Lark).

They take a text and answer with a number, 0 for yes. None of them takes an id that would let it
drop a repeat, so a short number stands at the end of the text for people to see.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from lms.core import clock
from lms.post.channels.http import JSON, Judge, Request
from lms.post.parcels import DELIVERED, REFUSED, Outcome, Parcel, unreachable
from lms.post.signatures import dingtalk_sign, feishu_sign
from lms.post.wire import Answer

#: Hosts of the robots' own addresses; others pass only in networks that the operator named.
HOSTS = {
    "wecom": ("qyapi.weixin.qq.com",),
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
}
#: Numbers that mean "too fast, later": everything else but 0 is about the robot's settings.
_LATER = {
    "wecom": {-1, 45009, 45033},
    "dingtalk": {-1, 130101, 130102, 410100},
    "feishu": {9499, 11232, 11233},
}


def text_of(parcel: Parcel) -> str:
    """What the group reads."""
    return f"{parcel.text}\n{parcel.url}\n(No. {parcel.ref[:8]})"


def wecom(parcel: Parcel) -> Request:
    """WeCom: the key is in the address, there is no signature."""
    body = {"msgtype": "text", "text": {"content": text_of(parcel)}}
    return _request(parcel.receiver.address, body)


def dingtalk(parcel: Parcel) -> Request:
    """DingTalk: time in milliseconds and signature are added to the address."""
    url, at = parcel.receiver.address, int(clock.now().timestamp() * 1000)
    if parcel.receiver.secrets:
        sign = dingtalk_sign(parcel.receiver.secrets[0], at)
        url += ("&" if "?" in url else "?") + urlencode({"timestamp": at, "sign": sign})
    return _request(url, {"msgtype": "text", "text": {"content": text_of(parcel)}})


def feishu(parcel: Parcel) -> Request:
    """Feishu: time in seconds and signature stand in the body."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text_of(parcel)}}
    if parcel.receiver.secrets:
        at = int(clock.now().timestamp())
        body |= {"timestamp": str(at), "sign": feishu_sign(parcel.receiver.secrets[0], at)}
    return _request(parcel.receiver.address, body)


def judge(kind: str) -> Judge:
    """Read a robot's answer."""

    def inside(answer: Answer) -> Outcome:
        if answer.status != 200:
            return unreachable(f"status-{answer.status}")
        try:
            said = json.loads(answer.body)
            number = int(said.get("errcode", said.get("code", said.get("StatusCode"))))
        except (ValueError, TypeError, AttributeError, RecursionError):
            return unreachable("nonsense")
        if number == 0:
            return Outcome(DELIVERED)
        if number in _LATER[kind]:
            return unreachable(f"code-{number}")
        return Outcome(REFUSED, f"code-{number}")

    return inside


WRITERS: dict[str, Callable[[Parcel], Request]] = {
    "wecom": wecom, "dingtalk": dingtalk, "feishu": feishu,
}  # fmt: skip


def _request(url: str, body: dict[str, Any]) -> Request:
    return Request(url, JSON, json.dumps(body, ensure_ascii=False).encode())
