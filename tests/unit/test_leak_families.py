"""Each family of disguises, in general: the scan finds them, and tells certain places from doubtful ones."""

import pytest

from contracts.scan import fold
from services.projects.model.leaks import Identity, find_leaks
from services.projects.model.leaks.needles import KEPT, needles_of
from services.projects.model.leaks.ordinary import coined, is_common, is_known
from services.projects.model.leaks.sound import skeleton

PEOPLE = ("Claire Rossignol-Vernier", "Sophie Li", "María López García", "Paul Boulanger", "Luc Thomas", "Мария Щукина")


def found(name: str, text: str, **parts: tuple[str, ...]) -> list[tuple[str, str]]:
    """The places of a text, each with its degree."""
    identity = Identity(name=name, **parts)  # type: ignore[arg-type]
    leaks = find_leaks({"brief": text}, identity)
    return [(leak.text, "certain" if leak.certain else "doubtful") for leak in leaks]


def certain(*texts: str) -> list[tuple[str, str]]:
    return [(text, "certain") for text in texts]


def doubtful(*texts: str) -> list[tuple[str, str]]:
    return [(text, "doubtful") for text in texts]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("H&M", "H&M"), ("H&M", "h&m"), ("H&M", "H & M"), ("H&M", "H et M"), ("H&M", "H. & M."),
        ("K+S AG", "K+S"), ("K+S AG", "k + s"), ("K+S AG", "K plus S"), ("A.P.", "A.P."), ("A.P.", "A. P."),
        ("C&A", "C & A"), ("Hennes & Mauritz", "H&M"), ("Marks and Spencer", "M&S"), ("Kali und Salz", "K+S"),
        ("Procter & Gamble", "P&Gers"), ("D&P Conseil", "D&P"), ("Canal+", "canal +"), ("Canal+", "Canal Plus"),
    ],
)  # fmt: skip
def test_letters_joined_by_a_sign_are_certain(name: str, written: str) -> None:
    assert found(name, f"Ici {written} recrute") == certain(written)


def test_letters_without_their_sign_are_doubtful() -> None:
    for name in ("H&M", "H.M."):
        assert found(name, "la gamme HM, l'hm") == doubtful("HM")


@pytest.mark.parametrize("name", ["H&M", "Dupont & Renault", "K+S", "A.P."])
def test_other_letters_with_signs_are_clean(name: str) -> None:
    assert found(name, "La R&D, le hm, h/f, un plan B et C, p. 12, a. b. c., la Q&A, ks, ap, M & A.") == []


@pytest.mark.parametrize(
    ("written", "degree"),
    [
        ("N.W.F.", "certain"), ("N W F", "certain"), ("N. W. F.", "certain"), ("NWF", "doubtful"), ("N.W.", "doubtful"),
    ],
)  # fmt: skip
def test_initials_of_the_name_are_found(written: str, degree: str) -> None:
    assert found("Nestlé Waters France", f"Les contrats de {written} sont longs") == [(written, degree)]


def test_initials_that_any_text_holds_are_clean() -> None:
    assert found("Conseil en Ressources Marketing", "Notre CRM et le c r m, chez nous.") == []
    assert found("Nestlé Waters France", "n w f, une option N ou W ou F, la partie n. w. a") == []


@pytest.mark.parametrize(
    "written",
    [
        "Nestl&eacute;", "Nes<b>tlé</b>", "Nestl%C3%A9", "Nestl=C3=A9", "Nes**tlé**", "Nes\\tlé", "Nestl\\u00e9",
        "Nestl\\'{e}", "[Nes](https://x.y)tlé", "[b]Nes[/b]tlé", "Nes&shy;tl&#233;", "xn--nestl-fsa",
    ],
)  # fmt: skip
def test_name_inside_markup_is_certain(written: str) -> None:
    [(text, degree)] = found("Nestlé", f"Voici {written} enfin")
    assert (text in written, degree) == (True, "certain")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Renault", "R3nault"), ("Renault", "R€nault"), ("Renault", "ren4u1t"), ("Nestlé", "N3$tl3"),
        ("Nestlé", "Ne5t1e"),
        ("Veolia", "Ve0l1a"), ("Société Duval", "S0ciété Duv@l"), ("Veolia", "VeoIia"), ("Galeries Lafont", "L4font"),
    ],
)  # fmt: skip
def test_digits_and_signs_for_letters_are_certain(name: str, written: str) -> None:
    assert found(name, f"le plan {written} suit") == certain(written)


def test_figures_and_units_are_no_letters() -> None:
    text = "Une offre B2B, 4G, 3D, 20k€, H2O, 5@2, 100 % et 10h30 ; MP3, A4, v2.0, 1er, 2nd !"
    for name in ("Bob", "Ag", "Ed", "Zoke", "Aa", "Sas", "Ier"):
        assert found(name, text) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Capgemini", "Capgemni"), ("Capgemini", "Capgeminii"), ("Capgemini", "Vapgemini"), ("Capgemini", "Capgmeini"),
        ("Capgemini", "Cap Gemini"), ("Nestlé Waters", "Nestel Waters"), ("Nestlé Waters", "Nestlé Wters"),
        ("Leroy Merlin", "Leroi Merlin"), ("Crédit Agricole", "Crédit Agricoel"), ("Danone", "Dannone"),
        ("L'Oréal", "Orréal"), ("Heatherton", "Hetaherton"), ("Heatherton", "Hteaherton"),
    ],
)  # fmt: skip
def test_one_typing_error_is_certain(name: str, written: str) -> None:
    assert found(name, f"chez {written} aussi") == certain(written)


def test_ordinary_word_near_the_name_is_never_certain() -> None:
    assert found("Cartier", "un cartier, a carrier, un quartier") == doubtful("cartier")
    assert found("Cartier", "chez Carrier") == doubtful("Carrier")
    assert found("Renault & Dupont", "la R&D") == doubtful("R&D")
    assert found("Danone", "un danois, la donnée") == []


def test_two_errors_or_a_short_name_with_one_are_clean() -> None:
    assert found("Capgemini", "Capgmni, Cpagemnii") == []
    assert found("Veolia", "Vealia, Veola") == []


@pytest.mark.parametrize(
    "written",
    [
        "Renaults", "renaultiste", "Renaultiens", "renaultesque", "renaulting", "exrenault", "renaultisation",
        "Renault-like", "anti-Renault",
    ],
)  # fmt: skip
def test_derivations_of_the_name_are_certain(written: str) -> None:
    [(text, degree)] = found("Renault", f"des {written} convaincus")
    assert (text in written, degree) == (True, "certain")


def test_derivations_may_drop_the_names_last_vowel() -> None:
    for written in ("nestléen", "nestlisation", "Nestléens", "nestlien"):
        assert found("Nestlé", f"le mot {written} plaît") == certain(written)
    assert found("Saint-Gobain", "les saint-gobinois") == certain("saint-gobinois")
    assert found("Orange", "une orangerie, des orangers") == []


@pytest.mark.parametrize(
    ("name", "text", "part", "degree"),
    [
        ("Nestlé", "#lifeatnestle", "nestle", "certain"),
        ("Nestlé", "#NestleRecrute2026", "Nestle", "certain"),
        ("Renault", "l'équipe teamrenault", "renault", "certain"),
        ("AXA", "#lifeataxa", "axa", "certain"),
        ("Hatik", "#hatikzzz", "hatik", "doubtful"),
        ("Hatik", "#zzzhatik", "hatik", "doubtful"),
        ("Orange", "#orangerecrute", "orange", "doubtful"),
        ("Orange", "#VieChezOrange", "Orange", "doubtful"),
    ],
)
def test_name_glued_to_other_words_is_found(name: str, text: str, part: str, degree: str) -> None:
    assert found(name, text) == [(part, degree)]


def test_short_name_in_the_middle_of_a_hashtag_is_clean() -> None:
    assert found("Hatik", "#zzzhatikzzz, zzzhatik") == []


def test_name_inside_an_ordinary_word_is_clean() -> None:
    assert found("AXA", "la relaxation, une taxation, #relaxation") == []
    assert found("Alan", "un malandrin, la balance, un balancier") == []


@pytest.mark.parametrize(
    "written",
    ["ɴᴇꜱᴛʟᴇ", "🇳🇪🇸🇹🇱🇪", "🅽🅴🆂🆃🅻🅴", "🄽🄴🅂🅃🄻🄴", "Ⲛестlе", "ꓠestle", "νestle", "Neѕtlé", "ｎｅｓｔｌｅ", "𝓝𝓮𝓼𝓽𝓵𝓮"],
)
def test_letters_that_look_alike_are_certain(written: str) -> None:
    assert found("Nestlé", f"chez {written} !") == certain(written)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Nestlé", "Нестле"), ("Nestlé", "ΝΕΣΤΛΕ"), ("ООО Ромашка", "РОМАШКА"), ("ООО Ромашка", "Romashka"),
        ("Müller", "Mueller"), ("Mueller", "Müller"), ("Ørsted", "Oersted"), ("海尔集团", "Haier"),
    ],
)  # fmt: skip
def test_transliterated_names_are_certain(name: str, written: str) -> None:
    assert found(name, f"avec {written} demain") == certain(written)


def test_a_transliteration_may_differ_in_its_vowels() -> None:
    assert skeleton("shcherbakova") == skeleton("scherbakowa")
    assert found("X", "voyez Maria Schukina", people=PEOPLE) == certain("Schukina")
    assert found("Яндекс", "avec Yandex") == doubtful("Yandex")


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("株式会社資生堂", "私は資生堂です", "資生堂"), ("ООО Ромашка", "для ромашка", "ромашка"),
        ("Zetaflex Sp. z o.o.", "chez Zetaflex", "Zetaflex"), ("Zetaflex S.A. de C.V.", "chez zetaflex", "zetaflex"),
        ("Zetaflex a.s.", "chez zetaflex", "zetaflex"), ("PT Zetaflex Tbk", "chez zetaflex", "zetaflex"),
        ("Μορφη Α.Ε.", "στη μορφη", "μορφη"),
    ],
)  # fmt: skip
def test_legal_form_in_any_script_may_be_left_out(name: str, text: str, part: str) -> None:
    assert found(name, text) == certain(part)


@pytest.mark.parametrize(
    ("name", "form"), [("ООО Ромашка", "OOO"), ("ООО Ромашка", "ООО"), ("Μορφη ΕΠΕ", "EPE"), ("Zetaflex AŞ", "AS")]
)
def test_legal_form_alone_is_clean_in_any_script(name: str, form: str) -> None:
    assert found(name, f"une société {form}, donc") == []


@pytest.mark.parametrize("written", ["nestlé-eau.fr", "xn--nestl-eau-j4a.fr", "NESTLÉ-EAU.fr"])
def test_international_domain_is_found_in_both_spellings(written: str) -> None:
    for domain in ("nestlé-eau.fr", "xn--nestl-eau-j4a.fr"):
        assert found("", f"Sur {written} !", domains=(domain,)) == certain(written)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("avec Vernier, demain", doubtful("Vernier")),
        ("avec Garcia et López", certain("Garcia") + doubtful("López")),
        ("Mme Lopez et Dr Li", certain("Lopez", "Li")),
        ("notre directrice Sophie Li", certain("Sophie Li")),
        ("notre CEO Li vous attend", certain("Li")),
        ("M. Boulanger, le boulanger", certain("Boulanger")),
        ("demandez à Boulanger", doubtful("Boulanger")),
        ("avec Thomas, Claire et Paul", doubtful("Thomas")),
        ("li, lopez, un vernier", []),
    ],
)
def test_single_surname_counts_by_how_common_it_is(text: str, places: list[tuple[str, str]]) -> None:
    assert found("", text, people=PEOPLE) == places


COMMON = ["Orange", "La Poste", "Carrefour", "Total", "Le Monde", "Apple", "Action", "Boulanger", "Casino", "Free"]
COMMON += ["Next", "Target", "Shell", "Printemps", "Le Temps", "Slack", "Alan", "Nature", "Champion", "Boots", "Gap"]


@pytest.mark.parametrize("name", COMMON)
def test_common_word_that_is_a_name_is_doubtful(name: str) -> None:
    for written in (name, name.lower(), name.upper()):
        assert found(name, f"Nous, {written}, cherchons") == doubtful(written)


@pytest.mark.parametrize("name", COMMON)
def test_common_word_with_another_word_of_the_name_is_certain(name: str) -> None:
    assert found(f"{name} Zetaflex", f"Nous, {name.lower()} zetaflex, cherchons") == certain(f"{name.lower()} zetaflex")


def test_function_word_that_is_a_name_is_doubtful_with_a_capital_only() -> None:
    assert found("But", "Le but est clair. But we coach, but slowly.") == []
    assert found("But", "chez But, le magasin BUT") == doubtful("But", "BUT")


def test_a_rare_word_with_a_capital_is_certain() -> None:
    assert found("Decathlon", "chez Decathlon, un décathlon") == certain("Decathlon") + doubtful("décathlon")


def test_name_of_ordinary_words_is_certain_with_capitals_or_as_one() -> None:
    text = "la Société Générale, une société générale, societegenerale"
    assert found("Société Générale", text) == [
        ("Société Générale", "certain"), ("société générale", "doubtful"), ("societegenerale", "certain"),
    ]  # fmt: skip
    assert found("Le Monde", "tout le monde lit lemonde", domains=("lemonde.fr",)) == [
        ("le monde", "doubtful"), ("lemonde", "certain"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"), [("Faircorner", "fair corner"), ("Bonaccueil", "bon accueil"), ("LongBridge", "Long bridge")]
)
def test_one_word_written_as_ordinary_words_is_doubtful(name: str, words: str) -> None:
    assert found(name, f"{words}, vraiment") == doubtful(words)
    assert found(name, f"chez {words.title()}") == certain(words.title())
    assert found(name, f"chez {name.lower()}") == certain(name.lower())


def test_camel_case_may_be_written_apart() -> None:
    for written in ("Ma Belle Armoire", "Ma-Belle-Armoire", "MABELLEARMOIRE"):
        assert found("MaBelleArmoire", f"chez {written}") == certain(written)
    assert found("MaBelleArmoire", "ouvrir ma belle armoire") == doubtful("ma belle armoire")
    assert found("MaBelleArmoire", "une armoire, la Belle Armoire") == []
    assert found("Zetaflex", "fonds", aliases=("PetitFour",)) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("5Continents", "Cinq Continents"), ("Studio 9", "Studio Nine"), ("Deux Collines", "2 Collines"),
        ("Deux Collines", "2Collines"), ("Seven Hills Farm", "7 Hills Farm"),
    ],
)  # fmt: skip
def test_small_number_may_be_figure_or_word(name: str, written: str) -> None:
    assert [text for text, _ in found(name, f"chez {written}")] == [written]


def test_other_number_is_clean() -> None:
    assert found("5Continents", "quatre continents, 6 Continents") == []


def test_accents_tell_a_name_from_a_word() -> None:
    assert coined("Nestlé") == {"nestle"}
    assert coined("Hermès") == coined("Orange") == frozenset()
    assert found("Nestlé", "chez nestle") == certain("nestle")


def test_ordinary_words_come_in_all_their_forms() -> None:
    for word in ("orange", "mangeaient", "actions", "through", "societe", "thomas", "marseille"):
        assert is_known(word), word
    for word in ("colour", "neighbours", "harbour", "grey", "organised"):
        assert is_known(word), word
    for word in ("nestlewaters", "renault", "zetaflex", "danone", "michelin", "capgemini"):
        assert not is_known(word), word
    assert is_common("total")
    assert not is_common("decathlon")


def test_search_terms_are_kept_for_a_limited_number_of_identities() -> None:
    one = needles_of(Identity(name="Zetaflex"))
    assert needles_of(Identity(name="Zetaflex")) is one
    for k in range(KEPT):
        needles_of(Identity(name=f"Zetaflex {k}"))
    assert needles_of.cache_info().currsize <= KEPT
    assert needles_of(Identity(name="Zetaflex")) is not one


def test_places_are_slices_of_the_text_as_it_was_sent() -> None:
    text = "👩\u200d💻 &lt; Nes<b>tl</b>&eacute; 🇳🇪🇸🇹🇱🇪 N3stl3 Нестле"
    leaks = find_leaks({"brief": text}, Identity(name="Nestlé"))
    assert [text[leak.start : leak.end] for leak in leaks] == [leak.text for leak in leaks]
    assert [fold(leak.text).text[:1] for leak in leaks] == ["n", "n", "n", "h"]  # as the capital looks


@pytest.mark.parametrize(
    "written",
    [
        "8 rue du 4 Septembre", "3 ter, avenue du 8-Mai-1945", "10 av Jean Jaurès", "10 pl. Bellecour",
        "9 rte de Vannes, 44000 Nantes", "12 Grand'Rue, 67000 Strasbourg", "27 de la rue Réaumur, 75003 Paris",
        "B.P. 45 - 13002 Marseille", "CS 70001, 35000 Rennes", "ZA de la Croix Blanche, 35760 Montgermont",
        "Z.I. des Paluds, 13400 Aubagne", "RN 7, 06600 Antibes", "lieu-dit Le Bourg, 24200 Vitrac",
        "Rue de la Loi 155, 1040 Bruxelles", "rue de la Loi, 155", "Avenue Louise 54/12, B-1050 Ixelles",
        "Chaussée de Charleroi 110 bte 4, 1060 Bruxelles", "rue de Lausanne 45bis, CH-1201 Genève", "Grand-Rue 14",
        "Avenue de la Gare 10, Case postale 123, 1001 Lausanne", "Chemin de Blandonnet 8, 1214 Vernier",
        "rue Victor-Hugo 12 à Genève", "Bahnhofstrasse 12, 8001 Zürich", "Kerkstraat 12",
    ],
)  # fmt: skip
def test_address_is_certain_in_each_countrys_writing(written: str) -> None:
    assert found("Zetaflex", f"Nos bureaux : {written} ; entrez.") == certain(written)


def test_streets_and_numbers_that_are_no_address_are_clean() -> None:
    text = (
        "Une rue de 12 mètres, la rue de Rivoli 12 fois, avenue Louise 54 magasins, le chemin Critique 3, la route "
        "Nord 12 fois, une ZI de 12000 m², la BP de 2024, 12 grande rue, le parc d'activités, 24000 visiteurs ; "
        "Place 1, 2000 euros ; rue de la Paix 1.5, avenue Foch 2024."
    )
    assert found("Zetaflex", text) == []


@pytest.mark.parametrize(
    ("name", "text"), [("Orange Bleue SARL", "orange bleue"), ("SAS Pierre Verte", "pierre verte")]
)
def test_name_of_ordinary_words_needs_no_legal_form(name: str, text: str) -> None:
    assert found(name, f"Une {text} ici") == doubtful(text)
