"""Where a text says who the client is: the client's own names, people, products and numbers, and contact data.

Pure: no clock, no I/O. A leak that is missed tells every mentor who the client is, a false one costs the client a
rephrasing with the place shown; yet a brief full of false ones teaches people to ignore the check. Hence:

- the organisation's name, aliases, products and domain labels are found whatever case, accents, hyphens, spaces or
  spaced letters, with word boundaries (a change of case or from letter to digit is one too: `#NestléWaters2026`),
  and with a plural or genitive "s";
- a legal form or "Group", "France" at the end of a name is optional;
- a word of a longer name counts alone if it has four letters or more and is not a common word of business; an
  acronym in it ("BNP") only in capitals;
- names of one or two letters, and names that are function words ("But"), only in capitals and as exact words;
- a surname counts alone from four letters on, if no common word; otherwise only after a title or an initial
  ("Mme Petit", "J. Petit"). A first name alone never counts.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from contracts.scan import LEGAL_FORMS, WORD, Folded, Leak, contact_data, fold, merge, name_words, word_set


@dataclass(frozen=True, slots=True)
class Identity:
    """What a client told about its organisation; every part may be empty."""

    name: str = ""
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    siren: str | None = None
    people: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    contact_name: str = field(default="", repr=False)
    contact_email: str = field(default="", repr=False)
    contact_phone: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for part in dataclasses.fields(self):
            value = getattr(self, part.name)
            if part.type == "tuple[str, ...]":
                object.__setattr__(self, part.name, tuple(value or ()))
            elif value is None and part.type == "str":
                object.__setattr__(self, part.name, "")


@dataclass(frozen=True, slots=True, order=True)
class FieldLeak:
    """A leak in one field of a form: code points [start, end) of that field's text."""

    field: str
    start: int
    end: int
    kind: str
    text: str


MASK = "[…]"


def find_leaks(fields: Mapping[str, str], identity: Identity) -> list[FieldLeak]:
    """Every place in `fields` (texts by name) that names the client or holds contact data.

    In the order of the fields, then of the places; overlaps are one leak with the kind of the longest. Redacting all
    of them leaves a text without leaks.
    """
    needles = _Needles(identity)
    return [
        FieldLeak(name, leak.start, leak.end, leak.kind, leak.text)
        for name, text in fields.items()
        for leak in _leaks(text, needles)
    ]


def redact(text: str, leaks: Iterable[Leak | FieldLeak]) -> str:
    """`text` with each of its own `leaks` replaced by `[…]` (leaks of other fields must not be among them)."""
    out = []
    position = 0
    for start, end in sorted((leak.start, leak.end) for leak in leaks):
        if start >= position:
            out.append(text[position:start] + MASK)
        position = max(position, end)
    return "".join(out) + text[position:]


def _leaks(text: str, needles: _Needles) -> list[Leak]:
    found: list[tuple[int, int, str]] = []
    seen = text
    while True:
        folded = fold(seen)
        spans = needles.find(folded)
        new = [(*folded.span(start, end), kind) for start, end, kind in spans]
        new += [(leak.start, leak.end, leak.kind) for leak in contact_data(folded)]
        if not new:
            return merge(text, found)
        found += new
        # What a mask uncovers (a boundary, mostly) is looked for again; U+E000 is neither a letter nor a separator.
        characters = list(seen)
        for start, end, _ in new:
            characters[start:end] = "\ue000" * (end - start)
        seen = "".join(characters)


# --- words that say nothing about who somebody is ----------------------------------------------------------------

_GENERAL = word_set("""
    group groupe gruppe grupo holding holdings international france francais francaise europe european worldwide
    global uk usa us deutschland belgium belgique suisse schweiz the le la les
""")
_PARTICLES = word_set("""
    de du des d l la le les of the and et und von van der den di da del y e al el bin ben
""")
_FUNCTION = word_set("""
    a as at au aux avec be but by car ce ces cet chez comme d dans de des do donc du elle elles en est et eu for
    from go he her his i if il ils in is it its je l la le les leur lui ma mais me mes mon my n ne ni no nos not
    notre nous of on or ou our out par pas plus pour qu que qui s sa se ses si so son sont sur ta te the they to
    ton tu un une up us vos votre vous we with y you your all any can one two tout tous bien fait new now see
    top via vie
""")
# Words of business in names of firms, acronyms that every brief holds, surnames that are ordinary words.
_COMMON = word_set("""
    academy accompagnement achat achats action actions activities affaires agence agences agency agricole
    agriculture air airlines alimentaire alliance analytics animation apps architecture art arts asset assets
    assistance associates association associations associes assurance assurances atelier ateliers audit auto
    automobile automotive avenir avocats bank banking banque banques beauty beaute beverages bien bikes biotech
    boissons book books boutique brand brands brasserie build building buildings bureau business cabinet cafe
    caisse capital care cars cash cent center central centrale centre centres chaine chance chantier chantiers
    charity chemicals chimie city cinema claims class clean client clients clinic clinique cloud club coaching
    code collectif college comite commerce commercial communaute communication communications community
    compagnie companies company compta comptable concept conception conseil conseils construction consult
    consultants consulting consumer contact content control cooperative corporate cosmetics cosmetique couleur
    cours creation creative credit culture customer cycle dame data defense delivery demain departement design
    developpement development digital digitale direct direction distribution docteur domaine domaines drinks
    drive durable ecole ecoles economie economique edition editions education electric electrique electricite
    electronics emploi energie energies energy engineering enseigne enterprise enterprises entreprise
    entreprises environment environnement epargne equipe equipement equipements equipment espace etat etudes
    europe european event events evenement experience expert expertise experts export express fabrique factory
    famille farm fashion federation femme femmes ferme filiale finance finances financial financier financiere
    first fleet fleur fleurs fond fondation fonds food foods force formation formations foundation france
    francais francaise fresh fruit fruits future futur galerie galeries games garage garden general generale
    generales generation gestion global good grand grande grands green group groupe groupement habitat handicap
    health help high holding holdings home homme hommes hopital hospital hotel hotels house human humain idees
    image images immobilier immobiliere import impact industrie industriel industrielle industries industry
    information informatique infrastructure ingenierie initiative innovation innovations insight insights
    institut institute insurance intelligence interactive interim interior international internet invest
    investment investments jardin jardins jeune jeunes jeux job jobs jour journal juridique justice juste lab
    laboratoire laboratoires laboratories labs land learning legal leader leaders liberte library life ligne
    liquide literie living local location logement logiciel logistics logistique loisirs luxe machine machines
    magasin magasins maintenance mairie maison maisons makers management manager market marketing marketplace
    marche marches marine marque marques materials matin media medias medical medicine medecine mer messagerie
    metal metaux metro mieux mines mobile mobilite mobility mode modern moderne monde motors mutual mutuelle
    mutuelles musee museum music musique nation national nationale nature natural naturel network networks news
    nord nouveau nouvelle numerique objets office offices offshore online operations opera optique organisation
    organization origin ouest outdoor packaging pain palais papier parc paris park partenaires partner partners
    patrimoine pays people performance personnel petroleum pharma pharmacie pharmacy phone photo plan planet
    plastic plastics plateforme platform plus point pole populaire port porte poste power premier premium presse
    press prestige prevention production productions produits products professional professionnel progres
    project projects projet projets promotion property protection public publication publications publicite
    publique publishing qualite quality radio rail recherche recruitment recrutement region regional regionale
    renewable renouvelables reseau reseaux resources ressources restaurant restaurants restauration retail
    retraite risk robotics route routes royal royale sante saint sainte sales salon sanitaire savings savoir
    school schools science sciences secours securite security senior seniors service services shipping shop
    shopping silver smart social sociale sociaux societe software soin soins solaire solar soleil solidaire
    solidarite solution solutions source sources south special sport sports staffing standard star start startup
    stations store stores strategie strategies strategy street studio studios style supply support sustainable
    systeme systemes system systems talent talents team teams tech technique techniques technologies technologie
    technology telecom telecoms telephone television temps terre terres textile theatre tourism tourisme tours
    toys trade trading traffic training transfer transformation transition transport transports travail travaux
    travel trust union united unis universal universe universel universite university urban usine utilities
    valeur valeurs valley value vent ventures vert verte vie vehicules video village ville villes vins vision
    voyage voyages voyageurs wash waste water waters watch wealth web well wellness wind wine wines women wood
    work works working world yachts young zone north east west solo alpha beta delta omega euro euros nova bleu
    blanc rouge noir crm erp cms it rh hr ia ai b2b b2c seo sea kpi rse csr roi ux ui vr ar ue eu uk usa pme eti
    tpe dsi drh daf pdg ceo cfo cto coo gdpr rgpd api saas iot nft mba bi qr pdf ppt esg bim rpa sql css html
    iso faq petit petite noire brun brune roux rousse boulanger berger marchand meunier charpentier boucher
    chevalier bonnet prince moulin fontaine riviere bois marin olivier poirier chef clerc fort gentil jolie
    vieux renard loup poisson moine vallee barbier carre caron cousin duc duval forest gros hardy joly lebon
    leger long lopin maitre mercier michel page paul perrin pierre prevost roche rose sage simple tissier
    tailleur tonnelier voisin king white brown black cook baker hill price mason hunter fisher carter walker
    bell best short love march rich banks brooks fields field stone small swift strong wise bright hope grant
    mark bill will frank ford case major marshall chase sharp gold cross church parks bush rice weeks summer
    summers winter wolf bird lamb reader miles knight pope bishop noble speaker keys drew read lead head hand
    hands light bond bonds rush moss marsh berry cherry english french dean abbot ball banner barber bass beach
    bean bloom booth bridge bridges butler chambers day days dear drake early ferry fine flower forward fox free
    gates glass grace gray grey hall hammer handy harbor hatch haven holder holiday hood hook hoover huff joy
    judge just lake lane law little locke lord lucky manner mann may mind moon more must nail nice pace pack
    paint pearl peer pool poor post pound proper pure quick race rain ray real right ring rise rivers road rock
    root sand sell shade shell shore side singer snow sparks spring steel still storm sweet teller temple thorn
    tower total totale tour train turn wade wall ward ware way weather wells wheeler wild win wing woods worth yard
""")
_TITLES = word_set("""
    m mr mme mlle mrs ms miss dr pr prof madame monsieur mademoiselle maitre me herr frau sir lady
""")
# A mailbox there says nothing about the firm.
_MAIL_PROVIDERS = word_set("""
    gmail googlemail outlook hotmail live msn yahoo ymail icloud proton protonmail gmx free sfr laposte wanadoo
    bbox aol mail zoho yandex
""")
_SECOND_LEVEL = word_set("""
    co com org net gov gouv ac edu asso or ne go nom tm
""")

# --- names --------------------------------------------------------------------------------------------------------

_SEPARATORS = frozenset(" \t\n\r-_.'&+/|*·,`\"()")  # what may stand within a name; never what MASK is made of
_CONJUNCTIONS = ("", "and", "et")
_AND = frozenset(("and", "et", "und"))
_TITLE_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]{1,12})(\.?)\s{0,2}$")


@dataclass(slots=True)
class _Needle:
    kind: str
    breaks: set[int] = field(default_factory=set)  # where its words meet, counted in letters
    capitals: bool = True  # only as an exact word in capitals
    titled: bool = True  # only after a title or an initial


Span = tuple[int, int, str]


class _Needles:
    """What to look for, made once for an identity; texts are compared by their letters and digits alone."""

    def __init__(self, identity: Identity) -> None:
        self._needles: dict[str, _Needle] = {}
        for name in (identity.name, *identity.aliases):
            self._add_organisation(name)
        self._add_distinctive(identity.name)
        for domain in identity.domains:
            self._add_domain(domain)
        _, at, mail_domain = identity.contact_email.rpartition("@")
        if at:
            self._add_domain(mail_domain)
        for person in (*identity.people, identity.contact_name):
            self._add_person(person)
        for product in identity.products:
            self._add("product", name_words(product))
        self._lengths: dict[str, list[int]] = {}
        for needle in self._needles:
            lengths = self._lengths.setdefault(needle[:2], [])
            if len(needle) not in lengths:
                lengths.append(len(needle))
                lengths.sort(reverse=True)
        self._patterns = _exact_patterns(identity)

    # -- building

    def _add(self, kind: str, words: list[str], *, capitals: bool = False, titled: bool = False) -> None:
        letters = "".join(words)
        if not letters:
            return
        if not titled and ((len(letters) <= 2 and letters.upper() != letters) or letters in _FUNCTION):
            capitals = True  # scripts without case have whole names of two signs
        needle = self._needles.setdefault(letters, _Needle(kind))
        needle.capitals = needle.capitals and capitals
        needle.titled = needle.titled and titled
        position = 0
        for word in words[:-1]:
            position += len(word)
            needle.breaks.add(position)

    def _add_organisation(self, name: str) -> None:
        words = name_words(name)
        for form in _shorter_names(words):
            self._add("name", form)
            inner = range(1, len(form) - 1)
            for k in inner:
                if form[k] in _AND:
                    for conjunction in _CONJUNCTIONS:
                        self._add("name", [*form[:k], *([conjunction] if conjunction else []), *form[k + 1 :]])
        if "&" in name and len(words) > 1:
            left, _, right = name.partition("&")
            for form in _shorter_names([*name_words(left), "\0", *name_words(right)]):
                if "\0" in form[1:-1]:
                    for conjunction in ("and", "et"):
                        self._add("name", [conjunction if word == "\0" else word for word in form])

    def _add_distinctive(self, name: str) -> None:
        words = name_words(name)
        if len(words) < 2:
            return
        shouted = name.isupper()
        written = {fold(word).text: word for word in WORD.findall(name)}
        for word in words:
            if word in _COMMON or word in _GENERAL or word in LEGAL_FORMS or word in _PARTICLES or word in _FUNCTION:
                continue
            if len(word) >= 4 and word.isalpha():
                self._add("name", [word])
            elif 2 <= len(word) <= 3 and word.isalpha() and not shouted and written.get(word, "").isupper():
                self._add("name", [word], capitals=True)

    def _add_domain(self, domain: str) -> None:
        host = fold(domain).text.strip()
        host = re.sub(r"^[a-z][a-z0-9+.\-]*://", "", host)
        host = re.split(r"[/?#:\s]", host.rpartition("@")[2], maxsplit=1)[0].strip(".").removeprefix("www.")
        labels = [label for label in host.split(".") if label]
        if not labels:
            return
        top = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 1
        own = labels[-1 - top] if len(labels) > top else labels[0]
        if own in _MAIL_PROVIDERS:
            return
        if len(labels) > 1:
            self._add("url", [word for label in labels for word in WORD.findall(label)])
        words = WORD.findall(own)
        if words and not (len(words) == 1 and words[0] in _COMMON):
            self._add("name", words)

    def _add_person(self, person: str) -> None:
        written = [part for part in person.replace(",", " ").split() if name_words(part)]
        parts = [name_words(part) for part in written]
        while len(parts) > 1 and parts[0][0] in _TITLES and len(parts[0]) == 1:
            parts, written = parts[1:], written[1:]
        if not parts:
            return
        if len(parts) == 1:
            self._add("person", parts[0])
            return
        capital = [k for k, part in enumerate(written) if part.isupper() and len(part) > 1]
        at = capital if 0 < len(capital) < len(parts) else [len(parts) - 1]
        own = [word for k in at for word in parts[k]]
        while at[0] > 1 and parts[at[0] - 1][-1] in _PARTICLES:  # "de La Tour"
            at = [at[0] - 1, *at]
        surname = [word for k in at for word in parts[k]]
        given = [word for k, part in enumerate(parts) if k not in at for word in part]
        self._add("person", [word for part in parts for word in part])
        for first in (given, given[:1]):
            self._add("person", first + surname)
            self._add("person", surname + first)
        for form in (surname, own):
            letters = "".join(form)
            alone = len(letters) >= 4 and letters not in _COMMON and letters not in _FUNCTION
            self._add("person", form, titled=not alone)
            if alone and len(letters) >= 5:
                self._add("person", [given[0][0], *form])

    # -- finding

    def find(self, folded: Folded) -> list[Span]:
        """Spans of the folded text that hold a needle or one of the identity's numbers."""
        text = folded.text
        found = [(*match.span(), kind) for kind, pattern in self._patterns for match in pattern.finditer(text)]
        found += _addresses(folded)
        positions: list[int] = []
        starts: list[int] = []
        for word in WORD.finditer(text):
            start, end = word.span()
            letter = len(positions)
            starts.append(letter)
            positions.extend(range(start, end))
            if not _plain(folded, start, end):
                starts.extend(letter + k - start for k in range(start + 1, end) if _boundary(folded, k))
        letters = "".join(WORD.findall(text))
        lengths = self._lengths
        for start in starts:
            pair = letters[start : start + 2]
            if pair not in lengths:
                continue
            for length in lengths[pair]:
                needle = self._needles.get(letters[start : start + length])
                if needle is None or start + length > len(letters):
                    continue
                last = self._end(folded, positions, start, length, needle)
                if last:
                    found.append((positions[start], last, needle.kind))
                    break
        for single in (n for n in self._needles if len(n) == 1):
            for match in re.finditer(rf"(?<![^\W_]){re.escape(single)}(?![^\W_])", text):
                if folded.slice(*match.span()).isupper():
                    found.append((*match.span(), self._needles[single].kind))
        return found

    def _end(self, folded: Folded, positions: list[int], start: int, length: int, needle: _Needle) -> int | None:
        """Where the needle that begins at letter `start` ends in the folded text; None if it is not really there."""
        text = folded.text
        first, last = positions[start], positions[start + length - 1]
        end = last + 1
        if needle.capitals:
            return end if _exact_capitals(folded, first, end, length) else None
        if not _boundary(folded, end):
            plural = length >= 4 and text[end] == "s" and _boundary(folded, end + 1)
            if not plural:
                return None
            end += 1
        if last - first != length - 1 and not _well_spaced(text, positions[start : start + length], needle.breaks):
            return None
        if needle.titled and not _after_title(folded, first):
            return None
        return end


def _shorter_names(words: list[str]) -> Iterable[list[str]]:
    """The name, without its legal form, and without "Group" or "France", as far as something of its own is left."""
    yield words
    words = list(words)
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
        yield words[:]
    while len(words) > 1 and words[0] in LEGAL_FORMS and len(words[0]) > 2:  # "SAS Dupont"
        words = words[1:]
        yield words
    while len(words) > 1 and (words[-1] in _GENERAL or words[-1] in LEGAL_FORMS or words[-1] in _PARTICLES):
        words = words[:-1]
        if _own(words):
            yield words
    while len(words) > 1 and words[0] in _GENERAL:
        words = words[1:]
        if _own(words):
            yield words


def _own(words: list[str]) -> bool:
    return words[-1] not in _PARTICLES and not all(w in _COMMON or w in _PARTICLES or w in _GENERAL for w in words)


def _plain(folded: Folded, start: int, end: int) -> bool:
    """Whether a run of letters and digits can have no boundary inside: one piece of small (or title) letters."""
    first, last = folded.starts[start], folded.ends[end - 1]
    if last - first != end - start:
        return False
    written = folded.original[first:last]
    cased = written.islower() or written.isupper() or written[1:].islower()
    return cased and written.isalpha() and folded.text[start:end].isascii()


def _unspaced(character: str) -> bool:
    """Scripts that write no space between words: every place is a boundary."""
    return "\u0e00" <= character <= "\u0eff" or "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def _boundary(folded: Folded, position: int) -> bool:
    """Whether a word may begin or end before `position` of the folded text."""
    text = folded.text
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if not (before.isalnum() and after.isalnum()):
        return True
    if before.isdigit() != after.isdigit() or _unspaced(before) or _unspaced(after):
        return True
    start, end = folded.starts[position], folded.ends[position - 1]
    if start > end:  # something invisible stands between
        return True
    return folded.original[folded.starts[position - 1]].islower() and folded.original[start].isupper()


def _exact_capitals(folded: Folded, start: int, end: int, length: int) -> bool:
    text = folded.text
    if end - start != length or not folded.slice(start, end).isupper():
        return False
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _well_spaced(text: str, places: list[int], breaks: set[int]) -> bool:
    """Whether what stands between the letters of a name is what people write there.

    Anything short between its words; within a word nothing, or the same thing between all its letters; and once in
    the whole name, a hyphen (a line broken there) or, where the name is long, a space.
    """
    gaps = [text[before + 1 : after] for before, after in pairwise(places)]
    if any(gap and (len(gap) > 4 or not _SEPARATORS.issuperset(gap)) for gap in gaps):
        return False
    odd: list[int] = []
    begin = 0
    for end in [*sorted(k for k in breaks if k < len(places)), len(places)]:
        within = gaps[begin : end - 1]
        if (any(within) and len(set(within)) > 1) or (len(within) == 1 and within[0] and len(breaks) == 0):
            odd += [k + 1 for k in range(begin, end - 1) if gaps[k]]
        begin = end
    if not odd:
        return True
    if len(odd) > 1:
        return False
    gap = gaps[odd[0] - 1]
    if gap in ("-", "-\n", "-\r\n", "- \n"):
        return len(places) >= 5
    return gap in (" ", "_", "'") and len(places) >= 8 and 4 <= odd[0] <= len(places) - 4


def _after_title(folded: Folded, start: int) -> bool:
    before = _TITLE_BEFORE.search(folded.text, max(0, start - 16), start)
    if not before or not folded.slice(start, start + 1).isupper():
        return False
    word, stop = before.groups()
    capital = folded.slice(before.start(1), before.start(1) + 1).isupper()
    if word in _TITLES and before.end() > before.end(1):
        return capital or len(word) > 2
    return capital and bool(stop) and len(word) == 1


# --- numbers ------------------------------------------------------------------------------------------------------


def _exact_patterns(identity: Identity) -> list[tuple[str, re.Pattern[str]]]:
    patterns = []
    siren = "".join(c for c in fold(identity.siren or "").text if c in "0123456789")
    if len(siren) >= 9:
        gap = r"[ .\-]{0,2}"
        number = gap.join(siren[:9])
        before = r"(?:(?<!\d)|(?<=fr\d\d)|(?<=fr\d\d ))"  # a French VAT number ends with the SIREN
        patterns.append(("registration", re.compile(rf"{before}{number}(?:(?:{gap}\d){{5}})?(?!\d)")))
    phone = "".join(c for c in fold(identity.contact_phone or "").text if c in "0123456789")
    for prefix in ("0033", "33"):
        if phone.startswith(prefix) and len(phone) >= 11:
            phone = phone[len(prefix) :]
            break
    phone = phone.lstrip("0")
    if len(phone) >= 6:
        gap = r"[ .\-/()]{0,3}"
        before = rf"(?<!\d)(?:\+?(?:0{{0,2}}33|0{{1,2}})\)?{gap}(?:\(?0\)?{gap})?)?\+?"
        patterns.append(("phone", re.compile(rf"{before}{gap.join(phone)}(?!\d)")))
    mail = fold(identity.contact_email).text.strip()
    if "@" in mail:
        patterns.append(("email", re.compile(rf"(?<![^\W_]){re.escape(mail)}(?![^\W_])")))
    return patterns


# --- street addresses ---------------------------------------------------------------------------------------------

_SURE = "rue|avenue|av\\.|boulevard|bd|blvd|allees?"
_NAMED = (
    "place",
    "impasse",
    "chemin",
    "square",
    "quai",
    "route",
    "esplanade",
    "parvis",
    "cite",
    "faubourg",
    "rond-point",
    "promenade",
)
_POSTED = ("cours", "passage", "voie", "villa", "mail")  # ordinary words: only with a postcode
_STREETS = "|".join((_SURE, *_NAMED, *_POSTED))
_FRENCH = re.compile(
    rf"(?<![^\W_])(?<!\d[.,])\d{{1,4}}\s?(?:bis|ter|quater|[a-d](?=[ ,]))?,?\s{{1,2}}({_STREETS})(?![^\W_])"
)
_NEXT = re.compile(r"([ '\-]{1,2})([^\W_]+)")
_POSTCODE = re.compile(r"\s?[,\-]?\s{0,2}(?:f-)?\d{5}(?!\d)(?=[ ,.;)\n]|$)")
_CEDEX = re.compile(r"(?<![^\W_])(?:f-)?\d{5} [^\W\d_][^\d\n,.;]{0,30}? cedex(?: \d{1,2})?(?![^\W_])")
_ENGLISH = re.compile(
    r"(?<![^\W_])(?<!\d[.,])\d{1,5}[a-d]? (?:[^\W\d_]{2,20}[ \-]){1,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|boulevard|blvd)(?![^\W_])"
)


def _addresses(folded: Folded) -> list[Span]:
    text = folded.text
    found: list[Span] = [(*match.span(), "address") for match in _CEDEX.finditer(text)]
    for match in _ENGLISH.finditer(text):
        words = WORD.findall(folded.slice(*match.span()))[1:]
        if all(word[0].isupper() for word in words):
            found.append((*match.span(), "address"))
    for match in _FRENCH.finditer(text):
        end, proper = _street_name(folded, match.end())
        if end is None:
            continue
        post = _POSTCODE.match(text, end)
        street = match.group(1)
        if not post and (street in _POSTED or (street in _NAMED and not proper)):
            continue
        if post:
            end = post.end()
            town, proper_town = _street_name(folded, end)
            if town and proper_town:
                end = town
        found.append((match.start(), end, "address"))
    return found


def _street_name(folded: Folded, start: int) -> tuple[int | None, bool]:
    """Where the name of a street (or town) that follows ends, and whether it is written with a capital."""
    text = folded.text
    position = start
    end: int | None = None
    proper = False
    for _ in range(9):
        word = _NEXT.match(text, position)
        if not word:
            break
        capital = _capital(folded, word.start(2))
        joined = end is None or capital or word.group(1) == "-"
        if word.group(2) in _PARTICLES:  # "rue du Général de Gaulle": kept if more of the name follows
            position = word.end()
        elif joined:
            end = position = word.end()
            proper = proper or capital
        else:
            break
    return end, proper


def _capital(folded: Folded, position: int) -> bool:
    return folded.slice(position, position + 1).isupper()
