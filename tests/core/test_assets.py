"""Static files are fetched once, and texts travel compressed."""


def test_a_style_sheet_is_versioned_kept_and_compressed(visitor):
    page = visitor.get("/sign-in").text
    address = page.split('<link rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    assert "?v=" in address
    with visitor.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_file_without_its_version_is_not_kept_for_long(visitor):
    with visitor.get("/static/css/tokens.css") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]
