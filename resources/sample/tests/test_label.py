from parcel.label import label, wrap


def test_short_text_is_one_line():
    assert wrap("Ada Lovelace") == ["Ada Lovelace"]


def test_long_text_breaks_at_spaces():
    assert wrap("Department of Analytical Engines", 16) == ["Department of", "Analytical", "Engines"]


def test_empty_text_has_no_lines():
    assert wrap("") == []


def test_label_has_the_postcode_first():
    assert label("Ada Lovelace", "12 St James's Square", "London", "SW1Y 4JH") == [
        "Ada Lovelace",
        "12 St James's Square",
        "SW1Y 4JH London",
    ]
