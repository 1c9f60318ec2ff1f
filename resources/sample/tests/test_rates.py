import pytest

from parcel.rates import price, share, shipping


@pytest.mark.parametrize(
    ("weight", "cents"),
    [(0.3, 390), (1.0, 390), (1.2, 480), (2.0, 480), (4.9, 690), (5.0, 690), (31.5, 1750)],
)
def test_price_follows_the_bands(weight, cents):
    assert price(weight) == cents


def test_nothing_weighs_nothing():
    with pytest.raises(ValueError):
        price(0)


def test_too_heavy():
    with pytest.raises(ValueError):
        price(31.6)


def test_shipping_adds_up():
    assert shipping([0.5, 1.5], order_value=1999) == 390 + 480


def test_shipping_is_free_from_fifty():
    assert shipping([0.5, 1.5], order_value=5000) == 0


def test_share_is_the_average():
    assert share([0.5, 1.5], order_value=1999) == 435


@pytest.mark.parametrize("order_value", [0, 1999, 7500])
def test_nothing_to_send_costs_nothing(order_value):
    assert share([], order_value) == 0
