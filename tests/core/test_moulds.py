"""A filled mould is the body, plain and compressed; ordinary decoders read it."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from lms.core.moulds import Mould

TEXTS = st.text(alphabet="ab<>&%\\王桂兰 \n\0", max_size=200)


@given(TEXTS, TEXTS, TEXTS, st.binary(max_size=300), st.binary(max_size=65_535))
def test_plain_and_compressed_it_is_the_body_with_its_holes_filled(
    before, between, after, now, token
):
    body = f"{before}⟦NOW⟧{between}⟦TOKEN⟧{after}⟦TOKEN⟧"
    made = Mould(body, {"⟦NOW⟧": "now", "⟦TOKEN⟧": "token"})
    wanted = b"".join([before.encode(), now, between.encode(), token, after.encode(), token])
    values = {"now": now, "token": token}
    assert made.filled(values) == wanted
    assert gzip.decompress(made.packed(values)) == wanted
    strict = zlib.decompressobj(wbits=31)
    assert strict.decompress(made.packed(values)) == wanted
    assert strict.eof
    assert strict.unused_data == b""


def test_it_is_about_as_small_as_what_is_compressed_whole():
    body = "".join(f"<p>第 {n} 行，与别的行差不多。</p>\n" for n in range(100)) + "⟦NOW⟧</html>"
    made = Mould(body, {"⟦NOW⟧": "now"})
    whole = gzip.compress(body.encode(), 6)
    assert len(made.packed({"now": b"x"})) < 1.2 * len(whole)
