"""What it costs to send parcels."""

# (heaviest weight in kg, price in cent); a parcel takes the first band that it fits into.
BANDS = [(1.0, 390), (2.0, 480), (5.0, 690), (10.0, 940), (31.5, 1750)]

FREE_FROM = 5000


def price(weight):
    """Price in cent of a parcel of `weight` kg.

    A parcel that weighs exactly as much as a band allows belongs to that band.
    """
    if weight <= 0:
        raise ValueError("a parcel weighs something")
    for heaviest, cents in BANDS:
        if weight <= heaviest:
            return cents
    raise ValueError("too heavy for a parcel")


def shipping(weights, order_value):
    """Shipping in cent for several parcels; free from an order value of 50.00 on."""
    if order_value >= FREE_FROM:
        return 0
    return sum(price(weight) for weight in weights)


def share(weights, order_value):
    """What each parcel of an order costs on average, in whole cent; nothing to send costs nothing."""
    total = shipping(weights, order_value)
    each = total / len(weights)
    return round(each)
