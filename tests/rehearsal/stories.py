"""Stories of tests/stories that only need a gateway, collected again to be played against containers.

pytest does not find this file by itself: `make rehearse` names it, inside the containers' network.
"""

from tests.stories.test_endings import (
    test_a_cancellation_destroys_the_quotes_unopened_and_tells_every_mentor,
    test_a_refusal_reaches_every_mentor_with_its_reason_and_settles_their_quotes,
)
from tests.stories.test_organisations import test_colleagues_share_the_projects_and_lose_them_when_they_go

__all__ = [
    "test_a_cancellation_destroys_the_quotes_unopened_and_tells_every_mentor",
    "test_a_refusal_reaches_every_mentor_with_its_reason_and_settles_their_quotes",
    "test_colleagues_share_the_projects_and_lose_them_when_they_go",
]
