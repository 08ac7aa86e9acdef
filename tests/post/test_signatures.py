"""Signatures agree with the examples that their publishers print."""

from hashlib import sha256

from lms.post.signatures import (
    acs3_authorization,
    acs3_query,
    dingtalk_sign,
    feishu_sign,
    new_secret,
    webhook_signature,
)

#: printf '1700000000000\nSECdemo' | openssl dgst -sha256 -hmac SECdemo -binary | base64
DINGTALK = "lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA="
#: printf '' | openssl dgst -sha256 -hmac "$(printf '1700000000\nSECdemo')" -binary | base64
FEISHU = "U1q8KAchlt+ocM9vRG/rtwroY6XMkyjtyUV9XOpczwI="


def test_standard_webhooks_own_example():
    made = webhook_signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
        b'{"test": 2432232314}',
    )  # fmt: skip
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_side_by_side():
    old, new = new_secret(), new_secret()
    both = webhook_signature([new, old], "msg_1", 1, b"{}").split(" ")
    assert both == [webhook_signature([s], "msg_1", 1, b"{}") for s in (new, old)]
    assert len(set(both)) == 2


def test_alibaba_clouds_example_with_fixed_parameters():
    query = acs3_query(
        {
            "RegionId": "cn-shanghai",
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        }
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(), "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d", "x-acs-version": "2014-05-26",
    }  # fmt: skip
    made = acs3_authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers)
    assert made == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_canonical_query_encodes_what_differs_from_forms():
    assert acs3_query({"b": "a b*~", "a": "中/"}) == "a=%E4%B8%AD%2F&b=a%20b%2A~"


def test_robots_sign_time_and_secret_each_in_its_way():
    assert dingtalk_sign("SECdemo", 1700000000000) == DINGTALK
    assert feishu_sign("SECdemo", 1700000000) == FEISHU
