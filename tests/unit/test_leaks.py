"""The leak scan finds each place in a brief that identifies the client, and nothing in an anonymous brief."""

import time
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.scan import fold
from services.projects.model.leaks import FieldLeak, Identity, find_leaks, redact

NESTLE = Identity(
    name="Nestlé Waters France SAS",
    aliases=("NW", "Eaux de Table", "Johnson & Fils"),
    domains=("nestle-waters.com", "https://www.sourcevive.co.uk/"),
    siren="542 107 651",
    people=("Thomas DUPONT", "Jean Petit", "Anne-Marie de La Tour", "Mme Claire Rossignol-Vernier", "Wu Li"),
    products=("Contrex", "S.Pellegrino", "Vittel 50"),
    contact_name="Sophie Lemaître",
    contact_email="sophie@nestle-waters.com",
    contact_phone="+33 6 98 76 54 32",
)


def found(text, identity=NESTLE):
    return [(leak.kind, leak.text) for leak in find_leaks({"brief": text}, identity)]


def named(name, **parts):
    return Identity(name=name, **parts)


# --- the organisation


@pytest.mark.parametrize(
    "written",
    [
        "Nestlé Waters France SAS",
        "Nestlé Waters France",
        "Nestlé Waters",
        "nestlé waters",
        "NESTLE-WATERS",
        "nestlewaters",
        "NestléWaters",
        "Nestle\u0301 Waters",
        "Nestlé\u00a0Waters",
        "Nestlé\nWaters",
        "NESTLE_WATERS",
        "N E S T L É",
        "N.E.S.T.L.É",
        "N E S T L E  W A T E R S",
        "Ｎｅｓｔｌé",
        "Nes\u00adtlé",
        "Nes-\ntlé",
        "Νеstlé",
        "Nestlé",
        "Nestlés",
        "johnson et fils",
        "Johnson & Fils",
        "Johnson and Fils",
        "eaux-de-table",
        "Eauxdetable",
    ],
)
def test_organisation_is_found_in_every_spelling(written):
    assert found(f"Ici {written}, pour vous.") == [("name", written)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Nestlé's teams", "Nestlé"),
        ("l’équipe d'Nestlé!", "Nestlé"),
        ("#TeamNestléWaters2026", "NestléWaters"),
        ("_Nestlé_", "Nestlé"),
        ("chez\u200bNestlé", "Nestlé"),
        ("chez\u200bnestlé", "nestlé"),
        ("🎉Nestlé🎉", "Nestlé"),
        ("Nestlé2026", "Nestlé"),
    ],
)
def test_name_is_found_next_to_any_separator(text, part):
    assert found(text) == [("name", part)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Orange", "une orangerie, des orangers"),
        ("AXA", "la relaxation et la taxation"),
        ("Orange", "or ange, o range, orang-outan"),
        ("Avenir SA", "les projets à venir"),
        ("Ensemble", "il en semble sûr"),
        ("Total Energies", "au total, les énergies du pays"),
        ("Alan", "plan à lancer, al an"),
        ("Nestlé Waters", "water, waters, underwater, wrestler"),
        ("Société Générale", "une société, l'assemblée générale"),
        ("Digital Consulting Group", "digital et consulting, un groupe"),
        ("Banque de France", "une banque de taille moyenne en France"),
        ("BNP Paribas", "bnp"),
        ("Crédit Agricole Assurances", "un crédit, le monde agricole, des assurances"),
        ("But", "le but de la mission. But we coach."),
        ("HP", "hp, chp, HP2, WHP"),
        ("", "tout texte"),
        ("–", "un – deux"),
    ],
)
def test_name_is_not_found_inside_words_or_as_common_words(name, text):
    assert found(text, named(name)) == []


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("Orange", "chez ORANGE", "ORANGE"),
        ("Orange SA", "chez orange", "orange"),
        ("Groupe Renault", "chez Renault", "Renault"),
        ("Groupe SEB", "chez seb", "seb"),
        ("Conseil SAS", "chez Conseil", "Conseil"),
        ("Bois et Vins", "chez Bois & Vins", "Bois & Vins"),
        ("Bois et Vins", "chez Bois and Vins", "Bois and Vins"),
        ("SAS Dupuis", "chez Dupuis", "Dupuis"),
        ("Banque de France", "la Banque de France", "Banque de France"),
        ("AXA", "chez axa", "axa"),
        ("AXA", "l'A X A", "A X A"),
        ("BNP Paribas", "chez BNP", "BNP"),
        ("BNP Paribas", "chez paribas", "paribas"),
        ("L'Oréal", "chez Loreal", "Loreal"),
        ("L.V.M.H.", "chez LVMH", "LVMH"),
        ("LVMH", "chez L.V.M.H", "L.V.M.H"),
        ("But", "le magasin BUT", "BUT"),
        ("HP", "chez HP.", "HP"),
        ("資生堂", "私は資生堂です", "資生堂"),
        ("花王", "花王です", "花王"),
        ("Société Générale", "la societe generale", "societe generale"),
        ("La Poste", "chez laposte", "laposte"),
        ("Nestlewaters", "Nestlé Waters", "Nestlé Waters"),
    ],
)
def test_name_is_found_without_its_optional_words(name, text, part):
    assert found(text, named(name)) == [("name", part)]


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("sur shop.nestle-waters.com/fr", [("url", "shop.nestle-waters.com/fr")]),
        ("sur Nestle-Waters.Com", [("url", "Nestle-Waters.Com")]),
        ("sur nestle-waters.internal", [("name", "nestle-waters")]),
        ("chez Source-Vive", [("name", "Source-Vive")]),
        ("chez sourcevive", [("name", "sourcevive")]),
        ("x@nestle-waters.com", [("email", "x@nestle-waters.com")]),
    ],
)
def test_domain_and_its_label_are_found(text, leaks):
    assert found(text) == leaks


def test_domain_that_is_a_common_word_counts_as_a_domain_only():
    identity = named("", domains=("digital.paris",))
    assert found("la vie digitale, le digital", identity) == []
    assert found("voir digital.paris", identity) == [("url", "digital.paris")]


def test_mail_provider_of_the_contact_is_no_secret():
    identity = named("Dupuis", contact_email="jean.dupuis@gmail.com")
    assert found("We use gmail.", identity) == []
    assert found("jean.dupuis@gmail.com", identity) == [("email", "jean.dupuis@gmail.com")]


# --- people, products, numbers, places


@pytest.mark.parametrize(
    "written",
    [
        "Thomas Dupont",
        "DUPONT Thomas",
        "Dupont, Thomas",
        "thomas-dupont",
        "T. Dupont",
        "tdupont",
        "dupont",
        "jean petit",
        "Petit Jean",
        "Anne-Marie de La Tour",
        "Anne de la Tour",
        "Claire Rossignol-Vernier",
        "Rossignol Vernier",
        "Wu Li",
        "Li Wu",
        "lemaitre",
        "Sophie LEMAÎTRE",
    ],
)
def test_person_is_found_in_either_order_and_by_rare_surname(written):
    leaks = found(f"avec {written} demain")
    assert leaks
    assert {kind for kind, _ in leaks} == {"person"}
    assert fold(leaks[0][1]).text.split()[-1] in fold(written).text


@pytest.mark.parametrize("text", ["Mme Petit", "M. Petit", "J. Petit", "Monsieur Petit", "Mr Petit", "Ms. Li"])
def test_common_word_surname_counts_after_a_title_or_initial(text):
    assert found(f"avec {text} demain") == [("person", text.split()[-1])]


@pytest.mark.parametrize(
    "text",
    ["un petit projet", "Petit budget", "Thomas et Sophie", "la tour", "Jean", "li", "m petit", "tell me petit"],
)
def test_first_name_or_common_word_surname_alone_is_ignored(text):
    assert found(text) == []


def test_a_second_first_name_may_be_left_out():
    identity = named("", people=("Jean Marie Petit",))
    assert found("avec jean petit", identity) == [("person", "jean petit")]
    assert found("avec petit jean", identity) == [("person", "petit jean")]


@pytest.mark.parametrize("text", ["Contrex", "CONTREX", "contrexs", "S. Pellegrino", "spellegrino", "vittel-50"])
def test_a_product_is_found(text):
    assert found(f"vendre {text} !") == [("product", text)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("RCS 542107651.", "542107651"),
        ("RCS 542 107 651", "542 107 651"),
        ("542.107.651", "542.107.651"),
        ("SIRET 542 107 651 00012", "542 107 651 00012"),
        ("SIRET 54210765100012", "54210765100012"),
        ("TVA FR12542107651", "542107651"),
        ("TVA FR12 542 107 651", "542 107 651"),
    ],
)
def test_registration_number_is_found_with_its_extensions(text, part):
    assert found(text) == [("registration", part)]


def test_other_nine_digit_numbers_are_no_registration():
    assert found("542 107 652, 1542107651, 5421076519") == []


@pytest.mark.parametrize(
    "text", ["06 98 76 54 32", "0 698 76 54 32", "6 98 76 54 32", "0033698765432", "+33(0)698765432"]
)
def test_contact_telephone_is_found_in_any_grouping(text):
    assert found(f"au {text}.") == [("phone", text)]


@pytest.mark.parametrize(
    "address",
    [
        "12 rue de la Paix, 75002 Paris",
        "12 bis, avenue du Général de Gaulle",
        "3 rue victor",
        "1 place de la République",
        "8 cours Mirabeau, 13100 Aix-en-Provence",
        "36 boulevard Haussmann",
        "10 Downing Street",
        "4 rue du 8 Mai 1945, 69100 Villeurbanne",
        "221B Baker Street",
        "92030 Paris La Défense Cedex",
    ],
)
def test_street_address_is_found_without_the_following_words(address):
    assert found(f"Nos bureaux, {address} pour nos équipes", named("")) == [("address", address)]


@pytest.mark.parametrize(
    "text",
    [
        "2 cours de formation, 3 cours Excel, 1 place de leader, 20 places",
        "3 passages par mois, 4 routes, 12 voies, 1 route vers le succès, 5 day lane, 20 000 euros",
        "rayon 7, allée 12, the high street, 3 ways down the road, 5 chemin de fer, 1 impasse",
    ],
)
def test_street_words_with_another_meaning_are_no_address(text):
    assert found(text, named("")) == []


# --- precision: briefs that do not leak

BRIEFS = [
    "Coach our teams on website creation, social networks, CRM and digital activations. Budget: 20 000 €, "
    "to be spent before 2026-11-23. Ten people, 3 days, fully remote or in Paris.",
    "Nous cherchons un jeune mentor pour accompagner notre comité exécutif sur LinkedIn, l'employee advocacy et "
    "l'intelligence artificielle : 3 jours par mois, d'octobre 2026 à mars 2027, budget de 1 200,50 € par jour.",
    "Grand groupe agroalimentaire (B2B et B2C), 5 000 collaborateurs en France et en Europe. Nos directeurs "
    "commerciaux veulent comprendre TikTok, Instagram et la publication d'une vidéo de 30 s. +15 % d'audience visée.",
    "We are a large company in the food industry. Our senior managers would like to learn what data is, how a "
    "dashboard is read, and why our CRM (Salesforce, v2.0) is hardly used. Start: 01/09/2026; 2 h a week.",
    "Objectif : refondre le site (WordPress 6.4, PHP 8.2, ISO 27001), former 12 personnes au SEO et au référencement. "
    "Livrables : guide.pdf, planning.xlsx. Réunions le mardi de 9h30 à 11h00. Des petites équipes, un grand projet.",
    "Aider des seniors à prendre part à une discussion en ligne, à relayer l'information sur un réseau interne et à "
    "devenir leaders d'opinion. Il faut de la patience, etc. Prix : 3 500 € HT max., soit environ 7 x 500 €.",
    "Reverse mentoring for 20 senior members of a professional network: one to one, social networks and digital life, "
    "6 sessions of 90 minutes (i.e. 9 hours each). E.g. how to write a post, how to use ChatGPT-4 or Claude 3.5.",
    "Défi entre entreprises : culture d'entreprise, sensibilisation au numérique, adoption des outils (Teams, Slack, "
    "Notion). Entre 10 et 15 équipes mixtes ; deux binômes par équipe ; restitution le 12.06.2027 à 14:00.",
    "Marketing of bottled water: our brand managers know waters and springs, but not short videos. The mentor will "
    "spend 3-5 days with a team of eight, in English or French. Daily rate 400-600 EUR, 10% more for travel.",
    "Notre direction générale (12 membres, 55 ans en moyenne) souhaite un accompagnement sur la cybersécurité, le RGPD "
    "et la data. Chacun aura son mentor, jamais dans sa ligne hiérarchique. Semaine 47, 2 sites, 1 000 km à la ronde.",
]


@pytest.mark.parametrize("brief", BRIEFS)
def test_real_anonymous_brief_has_no_leaks(brief):
    assert found(brief) == []


@pytest.mark.parametrize("brief", BRIEFS)
@pytest.mark.parametrize("secret", ["Nestlé", "contrex", "DUPONT Thomas", "06 12 34 56 78", "542107651", "@nw_france"])
def test_single_secret_in_a_real_brief_is_the_only_leak(brief, secret):
    middle = brief.index(" ", len(brief) // 2) + 1
    text = f"{brief[:middle]}« {secret} » {brief[middle:]}"
    assert [(leak.start, leak.end) for leak in find_leaks({"b": text}, NESTLE)] == [
        (middle + 2, middle + 2 + len(secret))
    ]


# --- shape of the result, and redaction


def test_leaks_are_grouped_by_field_with_code_point_offsets():
    fields = {"title": "👩‍💻 Nestlé", "brief": "Rien. E\u0301crire a\u0300 x@y.fr", "reason": "rien"}
    assert find_leaks(fields, NESTLE) == [
        FieldLeak("title", 4, 10, "name", "Nestlé"),
        FieldLeak("brief", 17, 23, "email", "x@y.fr"),
    ]


def test_overlapping_leaks_merge_with_the_longest_ones_kind():
    assert found("https://nestle-waters.com/contrex/thomas-dupont") == [
        ("url", "https://nestle-waters.com/contrex/thomas-dupont")
    ]


def test_redaction_masks_leaks_and_keeps_the_rest():
    text = "Chez Nestlé, appelez Sophie Lemaître au 06 98 76 54 32 !"
    assert redact(text, find_leaks({"b": text}, NESTLE)) == "Chez […], appelez […] au […] !"


def test_overlapping_leaks_become_one_mask():
    leaks = [FieldLeak("b", 2, 6, "name", "cdef"), FieldLeak("b", 0, 4, "name", "abcd")]
    assert redact("abcdefg", leaks) == "[…]g"


def test_empty_identity_still_finds_contact_data():
    for identity in (Identity(), Identity(name="", aliases=("", " "), domains=("", "."), people=("", "M."), siren="")):
        assert found("Écrivez à x@y.fr, Nestlé.", identity) == [("email", "x@y.fr")]
    of_lists: dict[str, Any] = {"aliases": ["a"], "people": None, "contact_name": None}
    assert Identity(**of_lists).people == ()


def test_repr_of_an_identity_hides_the_contact():
    assert "Lemaître" not in repr(NESTLE)
    assert "98 76" not in repr(NESTLE)


SECRETS = ["Nestlé Waters", "N E S T L E", "nestlés", "NW", "Dupont", "M. Petit", "Contrex", "542 107 651", "x@y.fr"]
SECRETS += [
    "06 12 34 56 78",
    "nestle-waters.com",
    "@foo",
    "12 rue de la Paix, 75002 Paris",
    "www.a.fr",
    "https://a.fr/b",
]
PIECES = st.one_of(
    st.sampled_from(SECRETS),
    st.sampled_from(
        [" ", "", "-", ".", "@", "\u200b", "\n", "é", "a", "S", "0", "06 ", "www.", "/", "[…]", " at ", "de "]
    ),
    st.text(max_size=4),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(deadline=None)
@given(TEXTS)
@example("NW06 12 34 56 78")
@example("aNW@foo")
def test_redacted_text_has_no_leak(text):
    leaks = [leak for leak in find_leaks({"b": text}, NESTLE) if leak.certain]
    assert [leak for leak in find_leaks({"b": redact(text, leaks)}, NESTLE) if leak.certain] == []


@settings(deadline=None)
@given(TEXTS)
def test_leaks_are_sorted_disjoint_slices_of_the_text(text):
    last = 0
    for leak in find_leaks({"b": text}, NESTLE):
        assert last <= leak.start < leak.end
        assert leak.text == text[leak.start : leak.end]
        last = leak.end


@st.composite
def disguises(draw, name):
    """`name` with random case, accents, invisible characters, and separators between its words."""
    out = ""
    for k, character in enumerate(name):
        if character == " ":
            out += draw(st.sampled_from(["", " ", "-", "_", "  ", "\u00a0", "\n", ".", "’"]))
            continue
        character = draw(st.sampled_from([character.lower(), character.upper()]))
        out += character + draw(st.sampled_from(["", "", "", "\u0301", "\u0327", "\ufe0f"]))
        if k + 1 < len(name):
            out += draw(st.sampled_from(["", "", "", "\u00ad", "\u200d", "\u2060"]))
    return draw(st.sampled_from([str, lambda t: unicodedata.normalize("NFC", t)]))(out)


@settings(deadline=None)
@given(disguises("Nestle Waters"), st.text(max_size=20), st.text(max_size=20))
def test_disguised_name_is_found_at_its_position(written, before, after):
    text = f"{before} {written} {after}"
    start = len(before) + 1
    end = start + len(written)
    holders = [leak for leak in find_leaks({"b": text}, NESTLE) if leak.start <= start and end <= leak.end]
    assert len(holders) == 1
    assert "nestlewaters" in "".join(c for c in fold(holders[0].text).text if c.isalnum())


# --- time

HOSTILE = [
    "1",
    ".",
    "@",
    " ",
    "a",
    "é",
    "\u0301",
    "\u200b",
    "a ",
    "A1",
    "aB",
    "nestle ",
    "n e s t l e ",
    "NW ",
    "Dupont ",
]
HOSTILE += [
    "M. ",
    "1 rue ",
    "1 rue de la ",
    "1 Ab ",
    "75002 a",
    "06 12 34 56 78 ",
    "5 4 2 ",
    "0",
    "n-",
    "ﷺ",
    "🎉",
    "x@y.fr ",
]
LARGE = Identity(
    name="Nestlé Waters France SAS",
    aliases=tuple(f"Nestlé {word} {k}" for k, word in enumerate(["Alpes", "Zeta", "Source Vive", "Müller"] * 5)),
    domains=("nestle-waters.com",),
    people=tuple(f"Jean{chr(97 + k)} Morel{chr(97 + k)}" for k in range(15)),
    products=tuple(f"Contrex {k}" for k in range(15)),
    siren="542107651",
    contact_phone="+33698765432",
)


@pytest.mark.parametrize("unit", [*HOSTILE, BRIEFS[0], BRIEFS[1]], ids=lambda unit: ascii(unit[:12]))
def test_twenty_thousand_characters_are_scanned_without_quadratic_time(unit):
    text = (unit * 20_000)[:20_000]
    before = time.process_time()
    find_leaks({"b": text}, LARGE)
    assert time.process_time() - before < 4  # measured: 0.02 for a brief, 0.1 at worst; quadratic takes many seconds


def test_every_name_with_a_shared_prefix_is_found() -> None:
    ends = ["".join(chr(97 + (7 * k + j) % 26) for j in range(k % 40)) for k in range(1, 200)]
    products = [f"neo{end}z" for end in ends] + ["ne", "neo"]
    identity = Identity(products=tuple(products))
    for product in products:
        text = f"Il y a {product.upper()} ici."
        assert [leak.text for leak in find_leaks({"brief": text}, identity)] == [product.upper()], product


def test_chain_of_leaks_that_uncover_each_other_is_one_leak() -> None:
    text = "@ab" * 6_000
    (leak,) = find_leaks({"brief": text}, Identity(name="Nestlé Waters"))
    assert (leak.start, leak.end) == (0, len(text))
    handles = find_leaks({"brief": "@ab@cd@ef"}, Identity(name="Nestlé Waters"))
    assert [leak.text for leak in handles] == ["@ab", "@cd", "@ef"]
