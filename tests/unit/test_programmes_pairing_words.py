"""The texts of a proposal, as an HR manager reads them, in both languages."""

import json
import string

import pytest

from contracts.fit.reasons import Reason
from services.programmes.model.pairing import (
    Change,
    Conflict,
    Demand,
    Obstacle,
    Person,
    Problem,
    SecondBest,
    solve,
    texts,
)
from services.programmes.model.pairing.data import (
    conflict_data,
    conflict_of,
    reasons_data,
    reasons_of,
    second_best_data,
    second_best_of,
    unpaired_data,
    unpaired_of,
)
from services.programmes.model.pairing.obstacles import CODES, FULL
from services.programmes.model.pairing.proposal import Unpaired
from services.programmes.model.pairing.words import (
    change_words,
    conflict_words,
    reason_words,
    second_best_words,
    unpaired_words,
)
from services.programmes.model.programme import Rules

NAMES = {"m1": "Paul Martin", "m2": "Léa Petit", "e1": "Anne Durand", "e2": "Marc Roux", "e3": "Zoé Blanc"}
PAUL = Person("m1", "m1", "mentor", "Axa", offers=("crm",), languages=("fr",), availability=("mon-am",))
LEA = Person("m2", "m2", "mentor", "Engie", offers=("LinkedIn",), languages=("en",))
ANNE = Person(
    "e1", "e1", "mentee", "Axa", wants=("CRM", "social-networks"), languages=("fr",), availability=("mon-am",)
)
MARC = Person("e2", "e2", "mentee", "Engie", wants=("crm",), languages=("fr", "en"))


def named(id: str) -> str:
    return NAMES.get(id, "")


def alone(problem: Problem, locale: str) -> dict[str, list[str]]:
    return {named(one.person): unpaired_words(one, named, locale) for one in solve(problem).unpaired}


def test_reasons_are_said_in_both_languages():
    why = solve(Problem((PAUL, ANNE))).pairs[0].why
    assert reason_words(why, "fr") == [
        "Le mentor propose ce qui est demandé : Gestion de la relation client (CRM).",
        "Langue commune : français.",
        "Disponibles au même moment : lundi matin.",
    ]
    assert reason_words(why, "en-GB") == [
        "The mentor offers what is wanted: Customer relationship management (CRM).",
        "Common language: French.",
        "Available at the same time: Monday morning.",
    ]


def test_a_weak_pair_is_called_weak():
    far = Person("m9", "m9", "mentor", offers=("seo",), timezone="America/Toronto", availability=("mon-am",))
    near = Person("e9", "e9", "mentee", wants=("apiculture",), timezone="Europe/Paris", availability=("fri-pm",))
    assert reason_words(solve(Problem((far, near))).pairs[0].why, "fr") == [
        "Le mentor ne propose rien de ce qui est demandé : apiculture.",
        "Aucune demi-journée en commun.",
        "Fuseaux horaires éloignés de 6 heures.",
    ]


def test_second_best_is_named_with_its_fit():
    assert second_best_words(SecondBest("m2", 0.6149, False), named, "fr") == (
        "Deuxième choix : Léa Petit (61 %), qui n’a pas de place libre."
    )


def test_full_mentor_is_asked_to_accept_two():
    assert alone(Problem((PAUL, ANNE, MARC)), "fr") == {
        "Anne Durand": [
            "Anne Durand n’a pas de mentor.",
            "Tous les mentors qui conviendraient sont déjà pris : 1 n’a plus de place.",
            "Si Paul Martin acceptait 2 personnes, une personne de plus aurait un binôme.",
        ]
    }


def test_rule_of_the_companies_is_named():
    problem = Problem((PAUL, ANNE), Rules(cross_company=True))
    assert alone(problem, "fr")["Anne Durand"] == [
        "Anne Durand n’a pas de mentor.",
        "Aucun mentor d’une autre entreprise ne reste : 1 est de la même entreprise.",
        "Si le programme renonçait à la règle « les deux viennent d’entreprises différentes », "
        "une personne de plus aurait un binôme.",
    ]
    assert alone(problem, "en")["Paul Martin"][:2] == [
        "Paul Martin has no mentee.",
        "No mentee from another company is left: 1 is from the same company.",
    ]


def test_missing_language_is_named():
    assert alone(Problem((LEA, ANNE)), "fr")["Anne Durand"] == [
        "Anne Durand n’a pas de mentor.",
        "Aucun mentor qui parle une de ses langues ne reste : 1 ne parle aucune langue commune.",
        "Si Anne Durand acceptait aussi de parler anglais, une personne de plus aurait un binôme.",
    ]


def test_two_obstacles_at_once_leave_no_single_change():
    problem = Problem((LEA, ANNE), before=frozenset({("m2", "e1")}))
    assert alone(problem, "en")["Anne Durand"] == [
        "Anne Durand has no mentor.",
        "No mentor for a new pair is left: 1 cannot be paired with this person again.",
        "No single change is enough: enrol one more mentor, or change two rules.",
    ]


def test_forbidden_and_locked_pairs_are_named_in_changes():
    forbidden = Problem((PAUL, ANNE), forbidden=frozenset({("m1", "e1")}))
    assert alone(forbidden, "fr")["Anne Durand"][2] == (
        "Si le binôme interdit Anne Durand – Paul Martin était permis, une personne de plus aurait un binôme."
    )
    assert change_words(Change("unlock", "m1", "e1"), named, "en") == (
        "If the pair Paul Martin – Anne Durand were unlocked, one more person would have a pair."
    )


def test_person_who_accepts_nobody_reads_so():
    shy = Person("e3", "e3", "mentee", capacity=0)
    assert alone(Problem((PAUL, LEA, shy)), "fr")["Zoé Blanc"] == [
        "Zoé Blanc n’a pas de mentor.",
        "Cette personne n’accepte aucun binôme : sa capacité est de 0.",
        "Si Zoé Blanc acceptait une personne, une personne de plus aurait un binôme.",
    ]


def test_without_anybody_on_the_other_side_nothing_else_is_said():
    said = alone(Problem((ANNE,)), "fr")
    assert said == {"Anne Durand": ["Anne Durand n’a pas de mentor.", "Aucun mentor n’est inscrit."]}


def test_too_few_places_are_explained():
    shortage = solve(Problem((PAUL, ANNE, MARC))).shortages[0]
    assert conflict_words(shortage, named, "fr") == (
        "Ces règles ne peuvent pas toutes tenir : chaque mentoré a un binôme (2 ne le peuvent pas tous : "
        "Anne Durand et Marc Roux) ; chaque mentor accepte au plus une personne, sauf indication contraire. "
        "Renoncez à l’une d’elles."
    )


def test_locked_pair_against_a_rule_is_explained():
    conflicts = solve(Problem((PAUL, ANNE), Rules(cross_company=True), locked=frozenset({("m1", "e1")}))).conflicts
    assert [conflict_words(one, named, "en") for one in conflicts] == [
        "These rules cannot all hold: Paul Martin and Anne Durand are a locked pair; the two come from different "
        "companies (Paul Martin and Anne Durand). Give up one of them."
    ]


def test_locked_pairs_above_a_capacity_are_explained():
    locked = frozenset({("m1", "e1"), ("m1", "e2")})
    conflicts = solve(Problem((PAUL, ANNE, MARC), locked=locked)).conflicts
    assert [conflict_words(one, named, "fr") for one in conflicts] == [
        "Ces règles ne peuvent pas toutes tenir : Paul Martin et Anne Durand forment un binôme verrouillé ; "
        "Paul Martin et Marc Roux forment un binôme verrouillé ; Paul Martin accepte au plus une personne. "
        "Renoncez à l’une d’elles."
    ]


def test_shortage_without_any_mentor_says_so():
    shortage = solve(Problem((ANNE,))).shortages[0]
    assert conflict_words(shortage, named, "en") == (
        "These rules cannot all hold: every mentee has a pair (Anne Durand finds none); there is no mentor."
    )


@pytest.mark.parametrize("table", ["REASONS", "SECOND", "PEOPLE", "COUNTED", "CHANGES", "RULES", "DEMANDS", "DAYS"])
def test_both_languages_say_the_same_things(table):
    french, english = getattr(texts, table)["fr"], getattr(texts, table)["en"]
    assert french.keys() == english.keys()
    for code, said in french.items():
        assert _fields(said) == _fields(english[code]), code


def _fields(said: object) -> list[set[str | None]]:
    each = [said] if isinstance(said, str) else list(said)  # type: ignore[call-overload]
    return [{name for _, name, _, _ in string.Formatter().parse(one) if name is not None} for one in each]


def test_every_obstacle_has_its_words():
    assert {*CODES} == texts.RULES["fr"].keys()
    assert texts.MAIN["en"].keys() == texts.MAIN["fr"].keys()
    assert {*CODES, FULL} == texts.MAIN["fr"].keys() == texts.COUNTED["fr"].keys()


def test_stored_answers_are_read_back_unchanged():
    problem = Problem((PAUL, LEA, ANNE, MARC, Person("e3", "e3", "mentee")), Rules(cross_company=True))
    proposal = solve(problem)
    assert proposal.pairs
    assert proposal.unpaired
    for pair in proposal.pairs:
        assert reasons_of(_stored(reasons_data(pair.why))) == pair.why
        assert second_best_of(_stored(second_best_data(pair.second_best))) == pair.second_best
    assert [unpaired_of(_stored(unpaired_data(one))) for one in proposal.unpaired] == list(proposal.unpaired)
    assert [conflict_of(_stored(conflict_data(one))) for one in proposal.shortages] == list(proposal.shortages)


def _stored(data):  # type: ignore[no-untyped-def]
    return json.loads(json.dumps(data))


def test_long_lists_of_people_are_cut():
    many = Conflict((Demand("cover", tuple("abcdefghij"), 10, "mentee"), Demand("lock")))
    assert conflict_words(many, str, "en") == (
        "These rules cannot all hold: every mentee has a pair (10 of them cannot all have one: a, b, c, d, e and "
        "5 others); all locked pairs stay. Give up one of them."
    )


def test_unknown_reason_is_left_out():
    assert reason_words([Reason("magic")], "fr") == []
    one = Unpaired("e1", "mentee", True, (Obstacle("line", 2),), ())
    assert unpaired_words(one, named, "fr")[1] == (
        "Aucun mentor hors de sa ligne hiérarchique ne reste : 2 sont de la même ligne hiérarchique."
    )
