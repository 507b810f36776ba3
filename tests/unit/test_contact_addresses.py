"""E-mail and web addresses are found with any registered ending, spelled or escaped; tools, code and files are not."""

import pytest

from contracts.scan import contact_data


def found(text: str) -> list[tuple[str, str]]:
    return [(leak.kind, leak.text) for leak in contact_data(text)]


@pytest.mark.parametrize(
    "address",
    [
        "conserverie.ventures", "dupont.paris", "atelier.brussels", "ferme.swiss", "acme.agency", "acme.immo",
        "acme.gmbh",
        "acme.restaurant", "acme.vin", "acme.group", "acme.online", "acme.bzh", "acme.world", "acme.vlaanderen",
        "acme.zuerich", "https://acme.ventures", "acme.ventures/equipe", "acme.app/equipe", "mon-entreprise.today",
        "bücher.de", "société-générale.paris", "xn--bcher-kva.example", "xn--socit-esab.fr", "пример.рф", "例え.jp",
        "acme.co.uk", "acme.de", "acme.ai", "acme.be", "acme.lu", "acme.eu", "acme.it", "Acme.FR", "ACME.COM",
        "www.acme", "www.acme.zz", "acme.fr:8080", "acme.slack.com", "acme.monday.com", "acme.notion.site",
        "monacme.github.io", "booking.com/hotel/fr/acme.html", "calendly.com/thomas",
    ],
)  # fmt: skip
def test_domain_with_any_registered_ending_is_found(address: str) -> None:
    assert found(f"Voyez {address} pour la suite.") == [("url", address)]


@pytest.mark.parametrize(
    "address",
    [
        "acme point fr", "acme dot com", "acme-conseil point com", "www point acme point fr", "acme (point) fr",
        "acme[.]com",
        "acme(dot)be", "acme [dot] ventures", "acme . fr", "acme&#46;fr", "acme&period;fr", "例子。中国",
    ],
)  # fmt: skip
def test_spelled_or_escaped_domain_is_found(address: str) -> None:
    assert [kind for kind, _ in found(f"Voyez {address} pour la suite.")] == ["url"]


@pytest.mark.parametrize(
    "text",
    [
        "le site acme.team",
        "notre site : acme.open",
        "visitez acme.app",
        "retrouvez-nous sur acme.plus",
        "site acme point com",
    ],
)
def test_ending_that_is_a_word_counts_after_a_word_for_a_site(text: str) -> None:
    assert [kind for kind, _ in found(f"Voyez {text} pour la suite.")] == ["url"]


@pytest.mark.parametrize(
    "text",
    [
        "Make.com", "Booking.com", "Monday.com", "Cal.com", "Notion.so", "Amazon.fr", "Leboncoin.fr", "Claude.ai",
        "https://www.booking.com", "www.booking.com", "linkedin.com", "gmail.com", "une adresse @gmail.com",
        "data.gouv.fr",
        "service-public.fr", "gouv.fr", "github.io",
    ],
)  # fmt: skip
def test_bare_name_of_a_well_known_site_is_a_tool(text: str) -> None:
    assert found(f"Nous utilisons {text} depuis un an.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Node.js", "Vue.js", "Three.js", "ASP.NET", ".NET", "README.md", "setup.py", "script.sh", "archive.zip",
        "MonApp.app",
        "libssl.so",
        "build.sh.old", "setup.py.orig", "main.rs.bk", "main.rs", "index.html", "docker-compose.yml", "window.open",
        "user.name",
        "git config user.email x",
        "element.style", "event.target", "self.value", "df.date", "request.post", "m.group()", "plt.show",
        "form.submit",
        "app.route", "np.array", "os.environ", "torch.nn", "array.map", "a.b", "x.y", "v2.0.beta", "12.5.fr",
        "1.000.000",
    ],
)  # fmt: skip
def test_files_and_code_are_no_address(text: str) -> None:
    assert found(f"Nous avons {text} en place.") == []


@pytest.mark.parametrize(
    "text",
    [
        "c'est fini.Nous verrons", "etc.les autres", "etc.de plus", "fini.il faut", "terminé.il reste",
        "réunion.on verra",
        "ok.merci", "oui.mais non", "bien.la suite", "etc.et puis", "voilà.à bientôt", "team.lead", "e.g. this",
        "i.e. that",
        "p.ex. cela", "a.m. et p.m.", "U.S. market", "P.S. merci", "M. de Villiers", "Mme.de Villiers", "Ph.D",
        "St.Gallen",
        "c.a.d", "chap.3", "No.1", "un point com", "faire un point com", "bulle dot com", "the dot com boom",
        "the last dot com crash", "point de vue", "le point lu hier", "un domaine en .fr", "les extensions .com et .fr",
        "LA FIN.DE PLUS", "ISO/IEC 27001:2022",
    ],
)  # fmt: skip
def test_sentences_without_a_space_are_no_address(text: str) -> None:
    assert found(f"Nous avons vu {text} ensemble.") == []


@pytest.mark.parametrize(
    "address",
    [
        "prenom point nom arobase societe point fr", "prenom.nom (chez) societe.fr", "name [at] company dot com",
        "prenom.nom(arobase)societe(point)fr", "prenom.nom(@)societe.fr",
        "prenom tiret nom arobase societe tiret conseil point fr",
        "prenom underscore nom at societe dot com", "prenom.nom à societe point fr", "thomas à gmail point com",
        "jane.doe at company.com", "thomas arobase acme point brussels", "jane.doe AT company DOT com",
        "prenom.nom@\nsociete.fr", "prenom.nom\n@societe.fr", "prenom.nom@societe.\nfr", "prenom.nom@societe\n.fr",
        "prenom.nom&#64;societe.fr", "prenom&period;nom&commat;societe&period;fr", "prenom.nom%40societe.fr",
        "prenom.nom&#x40;societe&#46;fr", "thomas.dupontATgmail.com", "thomas.dupontATgmailDOTcom",
        "prenom.nom@societe",
        "thomas @gmail.com", "thomas@acme.ventures", "thomas@xn--bcher-kva.ch", "thomas@bücher.ch",
        "p.nom@mail.societe.co.uk",
    ],
)  # fmt: skip
def test_email_address_is_found_however_it_is_written(address: str) -> None:
    assert found(f"Écrire à {address} demain.") == [("email", address)]


@pytest.mark.parametrize(
    "text",
    [
        "on va à Paris point com", "react@18.2.0", "lodash@latest", "root@server", "3@5", "5 @ 10 €", "v1@sha256:abc",
        "meet at noon. Dot the i", "look at point three", "un mail à gmail", "le signe @", "arobase", "git@github.com",
        "at work. com", "50 %4 000", "le SALAT du jour.com",
    ],
)  # fmt: skip
def test_packages_hosts_and_prices_are_no_email_address(text: str) -> None:
    assert not [leak for leak in found(f"Nous avons {text} ici.") if leak[0] == "email"]


def test_path_of_a_repository_is_a_handle() -> None:
    assert found("Clonez git@github.com:acme/site.git ici.") == [("handle", "git@github.com:acme/site.git")]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("email", "thom<b>as@oran</b>ge.fr"), ("email", "tho\u200bmas@ora\u200bnge.fr"), ("url", "www&#46;thomas.fr"),
        ("phone", "06 12 <i>34</i> 56 78"), ("phone", "0&#54; 12 34 56 78"), ("phone", "06%2012%2034%2056%2078"),
        ("phone", "０６ １２ ３４ ５６ ７８"),
    ],
)  # fmt: skip
def test_contact_data_hidden_by_markup_are_found_in_a_plain_text(kind: str, written: str) -> None:
    assert [(leak.kind, leak.text) for leak in contact_data(f"Joignez {written} demain")] == [(kind, written)]
