"""Storing the result of a request for a proposal, whatever kind of programme it is for."""

from chassis.unit import Unit
from contracts.facts import PairingProposed
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.commands.solving.work import Run
from services.programmes.commands.telling import tell
from services.programmes.model.notices import Notice
from services.programmes.model.programme import PROPOSED
from services.programmes.model.solves import READY


def fresh_inputs(unit: Unit, run: Run) -> str | None:
    """The fingerprint of what was solved; empty if people, rules or marks have changed since.

    None if the request is to be solved again because of that: then this has stored it, and nothing is left to do.
    """
    now = read_inputs(unit, run.programme)
    if now.digest == run.solve.inputs:
        return now.fingerprint
    if run.solve.restart(unit.now):
        store.save_solve(unit, run.solve)
        return None
    return ""


def announce(unit: Unit, run: Run, inputs: str, *, found: int, left: int) -> None:
    """Ends the request; its proposal, which the caller has stored, becomes the programme's.

    The proposal is outdated at once if ``inputs`` is empty. ``found`` counts pairs or teams, ``left`` people without.
    """
    programme, solve = run.programme, run.solve
    solve.finish(READY, unit.now)
    store.save_solve(unit, solve)
    store.delete_older_solves(unit, solve)
    programme.proposal = solve.id
    if inputs:
        programme.state = PROPOSED
    numbers = {"pairs": found, "unpaired": left}
    late = [Notice("proposal-ready", data=numbers)] if solve.took_long(unit.now) else []
    facts = [PairingProposed(account=solve.asked_by, **numbers), *tell(unit, programme, late)]
    store.save_programme(unit, programme, facts)
