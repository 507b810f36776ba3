"""Mixed teams as the optimum of a written target (decision 64)."""

from services.programmes.model.teams.forming import form
from services.programmes.model.teams.people import (
    Aim,
    Call,
    Candidate,
    Formation,
    LeftOut,
    Team,
    superiors,
    teams_for,
)

__all__ = ["Aim", "Call", "Candidate", "Formation", "LeftOut", "Team", "form", "superiors", "teams_for"]
