"""What mentors read of a client: its size and its sector, both from closed lists, or less if the client prefers."""

from collections.abc import Mapping

from contracts.sectors import sector_label
from contracts.wordings import SHOWN

SIZE_LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "micro": "très petite entreprise",
        "small": "petite entreprise",
        "medium": "entreprise de taille moyenne",
        "large": "grande entreprise",
        "group": "grand groupe",
    },
    "en": {
        "micro": "very small company",
        "small": "small company",
        "medium": "medium-sized company",
        "large": "large company",
        "group": "large group",
    },
}
ANY_SIZE = {"fr": "organisation", "en": "organisation"}


def descriptor(client: Mapping[str, str], locale: str) -> str:
    """Describes the client in the reader's language. ``client`` has ``size``, ``sector`` and perhaps ``shown``."""
    shown = client.get("shown") or SHOWN[0]
    size = SIZE_LABELS[locale][client["size"]] if shown in ("both", "size") else ANY_SIZE[locale]
    return f"{size}, {sector_label(client['sector'], locale)}" if shown in ("both", "sector") else size
