"""What is printed on a parcel."""

WIDTH = 24


def wrap(text, width=WIDTH):
    """Break a text into lines of at most `width` characters, at spaces."""
    lines = []
    line = ""
    for word in text.split():
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines


def label(name, street, city, postcode):
    """The lines of an address label; the postcode stands before the city."""
    return [*wrap(name), *wrap(street), f"{postcode} {city}".strip()]
