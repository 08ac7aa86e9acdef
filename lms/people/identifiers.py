"""Identifiers of the field: citizen ids, unified social credit codes, phones; checks and masks.

Sources: GB 11643 (citizen id, ISO 7064 MOD 11-2), GB 32100 (credit code, MOD 31).
"""

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**i % 31 for i in range(17))


def normal_id(text: str) -> str:
    """Return an id number without blanks and with a capital X."""
    return re.sub(r"\s", "", text).upper()


def id_check_digit(first17: str) -> str:
    """Return the check character for 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11]


def is_citizen_id(number: str) -> bool:
    """True for a well-formed 18-character id. Region codes are not checked: they are those of
    the year of issue and many no longer exist."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return False
    return birth_date(number) is not None and id_check_digit(number[:17]) == number[17]


def birth_date(number: str) -> date | None:
    """Return the birth date written in an id, or None if it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """Return ``m`` or ``f`` (17th digit odd = male)."""
    return "m" if int(number[16]) % 2 else "f"


def credit_check_digit(first17: str) -> str:
    """Return the check character for 17 characters of a unified social credit code."""
    total = sum(
        _CREDIT_ALPHABET.index(char) * weight
        for char, weight in zip(first17, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def is_credit_code(code: str) -> bool:
    """True for a unified social credit code whose check character fits."""
    if len(code) != 18 or any(char not in _CREDIT_ALPHABET for char in code):
        return False
    return credit_check_digit(code[:17]) == code[17]


def normal_phone(text: str) -> str:
    """Return a phone number without blanks, dashes and the +86 prefix."""
    return re.sub(r"^(\+?86)(?=1)", "", re.sub(r"[\s-]", "", text))


def is_mobile(number: str) -> bool:
    """True for a mainland mobile number."""
    return re.fullmatch(r"1[3-9][0-9]{9}", number) is not None


def mask_id(number: str) -> str:
    """``140105********4046``: region and the last four stay."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def mask_phone(number: str) -> str:
    """``138****0000``."""
    return f"{number[:3]}****{number[-4:]}"


def mask_name(name: str) -> str:
    """``王*兰``, ``王*``: first and (from three characters on) last character stay."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]
