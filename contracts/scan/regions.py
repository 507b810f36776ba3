"""Whether digits are a valid telephone number of a country, by the numbering plans of `phonenumbers`.

`phonenumbers.is_valid_number` answers the same in some 100 µs; one compiled pattern for each country takes one.
"""

import re
from functools import cache

from phonenumbers import PhoneMetadata, PhoneNumberDesc, country_code_for_region

REGIONS = ("FR", "BE", "CH", "LU", "GB", "DE", "ES", "IT", "NL", "US")
"""Countries whose numbers are also recognised without their international prefix."""
UNPREFIXED = ("LU", "ES", "US")
"""Countries whose national numbers begin with no zero."""
_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


@cache
def _numbers(region: str) -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region(region)
    if not metadata or not metadata.general_desc:
        raise LookupError(region)
    kinds = [kind for name in _KINDS if (kind := getattr(metadata, name)) and kind.national_number_pattern]
    general = metadata.general_desc.national_number_pattern
    return re.compile(rf"(?=(?:{general})$)(?:{'|'.join(sorted({_pattern(kind) for kind in kinds}))})")


def _pattern(kind: PhoneNumberDesc) -> str:
    lengths = "|".join(rf".{{{length}}}$" for length in kind.possible_length)
    return rf"(?={lengths})(?:{kind.national_number_pattern})"


@cache
def _codes() -> dict[str, str]:
    return {str(country_code_for_region(region)): region for region in REGIONS}


def is_number_of(region: str, digits: str) -> bool:
    """Whether the significant digits (no trunk zero, except in Italy, where it belongs to the number) are valid."""
    return bool(_numbers(region).fullmatch(digits))


def is_national(digits: str) -> bool:
    """Whether digits that begin with a zero are a valid number, as dialled inside one of the countries."""
    return any(
        is_number_of(region, digits if region == "IT" else digits[1:]) for region in REGIONS if region not in UNPREFIXED
    )


def is_abroad(digits: str) -> bool:
    """Whether digits that begin with a country's code (no `+`, no `00`) are a valid number of one of the countries."""
    for length in (1, 2, 3):
        region = _codes().get(digits[:length])
        if region:
            rest = digits[length:]
            return is_number_of(region, rest) or (rest.startswith("0") and is_number_of(region, rest[1:]))
    return False
