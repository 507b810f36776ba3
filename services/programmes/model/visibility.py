"""What the two halves of a pair see of each other."""

from services.programmes.model.pairs import ACTIVE, Pair
from services.programmes.model.participants import AGREED, Participant


def shows_name(pair: Pair, partner: Participant) -> bool:
    """Whether somebody's name is shown to the other half: once the pair is published and they have agreed."""
    return pair.published and partner.state == AGREED


def shows_address(pair: Pair, partner: Participant) -> bool:
    """Whether somebody's address is shown to the other half: once both have accepted the pair."""
    return pair.state == ACTIVE and shows_name(pair, partner)
