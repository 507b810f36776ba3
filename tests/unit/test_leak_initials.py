"""Initials, shortened names, other scripts and shared domains: mostly doubtful, as they may mean something else."""

import pytest

from contracts.scan import contact_data
from services.projects.model.leaks import Identity, find_leaks
from services.projects.model.leaks.domains import domain_forms
from services.projects.model.leaks.initials import first_initials, partial_initials, whole_initials
from services.projects.model.leaks.sound import latin, sounds


def found(name: str, text: str) -> list[tuple[str, bool]]:
    """The places of a text, and whether each is certain."""
    return [(leak.text, leak.certain) for leak in find_leaks({"brief": text}, Identity(name=name))]


def doubtful(*texts: str) -> list[tuple[str, bool]]:
    return [(text, False) for text in texts]


def test_small_words_may_be_left_out_of_initials():
    assert {"cdtdl", "ctl", "ctdl", "cdtl"} <= set(whole_initials("Compagnie des Transports du Littoral SA"))
    assert "rzd" in set(whole_initials("Российские железные дороги"))
    assert {"dr", "nd"} & set(partial_initials("Compagnie Nationale du Rhône")) == set()


def test_words_of_the_trade_may_be_left_out_of_initials():
    assert set(partial_initials("Groupe Bruxelles Lambert")) == {"bl"}
    assert set(partial_initials("Conseil en Ressources Marketing")) == set()
    assert "bce" in set(first_initials("Banque et Caisse d'Épargne de l'État"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Saint-Gobain", "SG"), ("Saint-Gobain", "S-G"), ("Saint-Gobain", "S. G."), ("Saint-Gobain", "St-G."),
        ("Electricité de Strasbourg", "EdS"), ("Electricité de Strasbourg", "E. de S."), ("Deutsche Bahn", "D.B."),
        ("Banque Cantonale Vaudoise", "B.C. Vaudoise"), ("Musée des Beaux-Arts de Rennes", "M.B.A. Rennes"),
        ("Nippon Telegraph and Telephone", "N T & T"), ("Van den Bergh", "V.d.B."),
        ("Nestlé Waters France", "nwf"), ("Powszechny Zakład Ubezpieczeń", "p.z.u."),
        ("Laboratoires Pierre Fabre", "PF"), ("J.M. Weston", "J.M."),
        ("Caisse des Dépôts et Consignations", "Caisse des D.C."), ("Union des Coopératives Agricoles", "UCA2026"),
    ],
)  # fmt: skip
def test_initials_are_found_however_written(name: str, written: str) -> None:
    [(text, _)] = found(name, f"Chez {written} on apprend")
    assert text.rstrip(".") in (written.rstrip("."), written.rstrip("0123456789"))


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Société Générale", "#teamSG"), ("Crédit Mutuel", "#CMetMoi"), ("Galeries Lafayette", "#viechezgl"),
        ("EY", "#EYfamily"), ("CCI Lyon Métropole", "#ccilyon"), ("Leroy Merlin", "LMfamily"),
        ("Université de Lorraine", "#teamudl"),
    ],
)  # fmt: skip
def test_few_letters_are_found_in_hashtags(name: str, tag: str) -> None:
    [(text, certain)] = found(name, f"Voir {tag} en ligne")
    assert text in tag
    assert not certain


def test_ordinary_words_hold_no_initials():
    assert found("Société Générale", "Les messages, le SGBD, un sg, #messages #tousgagnants") == []
    assert found("Electricité de Strasbourg", "LES PRIX SONT BAS, ES TU LA") == []
    assert found("Hewlett Packard", "HP2, WHP") == []
    assert found("Brussels Airport Company", "LE BAC EST PASSE") == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Société Générale", "SocGen"), ("Société Générale", "Soc. Gén"), ("Crédit Mutuel", "Crédit Mut"),
        ("Manchester Metropolitan University", "Manchester Met University"), ("Société Générale", "Société Général"),
    ],
)  # fmt: skip
def test_shortened_names_are_doubtful(name: str, written: str) -> None:
    assert found(name, f"avec {written} demain") == doubtful(written)


def test_shortened_words_need_capitals_and_length():
    assert found("Société Générale", "une soc gen, la Soc") == []
    assert found("Crédit Mutuel", "un crédit mut, Cré Mu") == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Peugeot", "Пежо"), ("Peugeot", "プジョー"), ("Peugeot", "푸조"), ("Peugeot", "بيجو"), ("Peugeot", "Πεζό"),
        ("Bosch", "Μπος"), ("Ferrero", "פררו"), ("Nokia", "נוקיה"), ("Volvo", "ボルボ"), ("Siemens", "지멘스"),
        ("Schneider Electric", "シュナイダーエレクトリック"), ("Kowalczyk Meble", "Ковальчик"), ("Inditex", "Индитекс"),
        ("トヨタ自動車", "Toyota"), ("Αλουμύλ", "Alumil"), ("Лаборатория Касперского", "Kaspersky"),
        ("مخابز البركة ش.م.م", "Al Baraka"), ("ユニクロ", "Uniqlo"), ("쿠팡", "Coupang"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_in_other_scripts_are_doubtful(name: str, written: str) -> None:
    assert found(name, f"On lit {written} partout") == doubtful(written)


def test_other_words_of_other_scripts_are_clean():
    assert found("Decathlon", "Привет, спасибо, こんにちは, 감사합니다, ευχαριστώ, شكرا, תודה") == []
    assert found("ユニクロ", "Nike et Lacoste, un Anglais") == []


def test_sounds_of_one_name_meet():
    for name, others in {
        "decathlon": ("Декатлон", "デカトロン", "데카트론", "ديكاتلون"),
        "lacoste": ("Λακόστ", "לקוסט"),
    }.items():
        for other in others:
            assert sounds(name) & sounds(latin(other)), other


def test_long_name_with_any_ending_is_doubtful():
    assert found("Lufthansa", "un Lufthanseat, un Lufthansaxyz") == doubtful("Lufthanseat", "Lufthansaxyz")
    assert found("Veolia", "un Veoliaxyz") == []


def test_year_after_a_name_with_figures_is_no_letters():
    assert found("Darty", "le code D4rty2026") == [("D4rty", True)]


def test_ordinary_word_with_a_figure_is_doubtful_in_small_letters():
    assert found("4 Pieds", "une table de 4 pieds, chez 4 Pieds") == [("4 pieds", False), ("4 Pieds", True)]
    assert found("Radio 21 Vexin", "chez radio 21 vexin") == [("radio 21 vexin", True)]


def test_mobile_number_after_a_day_is_no_list():
    for text, numbers in {
        "un jour 06 12 34 56 78": ["06 12 34 56 78"],
        "les semaines 06 13 18 27 34": [],
        "départements 06 13 34 56 78": [],
    }.items():
        assert [leak.text for leak in contact_data(text)] == numbers


def test_own_label_of_a_domain_stands_before_what_is_shared():
    for domain in ("zetaflex.co.uk", "www.zetaflex.gouv.fr", "zetaflex.github.io", "a.b.zetaflex.com.br", "zetaflex"):
        assert "zetaflex" in {form.letters for form in domain_forms(domain)}, domain
