"""The closed list of sectors, in French and English: all that mentors learn of what a client does.

The client's own words would link its projects, and may name it. They are mapped to an entry of this list, which is
coarse on purpose (about the sections of NACE Rev. 2, the European classification of economic activities).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from contracts.scan import fold

OTHER = "other"
"""The entry for words that fit no other one."""
_WORD = re.compile(r"[^\W_]+")
_VAGUE = """
    services industrie industriel industrial manufacturing conseil consulting commerce distribution engineering
    ingénierie recherche research formation training technologie technology machines materials matériaux communication
    digital numérique data données social sécurité
"""
"""Words that stand for an entry only where nothing else in the client's words does: "industrie chimique"."""


@dataclass(frozen=True)
class Sector:
    """An entry: its label in both languages, and ``words`` that clients write for it, separated by commas."""

    fr: str
    en: str
    words: str = ""

    def label(self, locale: str) -> str:
        """The label in this language, ``fr`` or ``en``."""
        return self.fr if locale == "fr" else self.en


SECTORS: Mapping[str, Sector] = {
    "agriculture": Sector("agriculture", "agriculture", "agricole, farming, viticulture, vin, vignoble, wine, pêche, "
        "fishing, forêt, forestry, horticulture, élevage, agtech"),
    "food": Sector("agroalimentaire", "food industry", "agro-alimentaire, alimentation, alimentaire, food, drinks, "
        "beverages, boissons, eau minérale, eaux minérales, eau en bouteille, bottled water, produits laitiers, dairy, "
        "boulangerie industrielle, brasserie, brewery, confiserie, spirits, spiritueux, conserverie"),
    "industry": Sector("industrie", "manufacturing", "industriel, industrial, usine, mécanique, métallurgie, steel, "
        "sidérurgie, plasturgie, machines, équipement industriel, mobilier, furniture, papier, emballage, packaging, "
        "électronique, electronics, robotique, robotics, verre, glass"),
    "automotive": Sector("automobile", "automotive", "constructeur automobile, équipementier, car, cars, voiture, "
        "voitures, vehicles, véhicules, pneus, tyres"),
    "aerospace": Sector("aéronautique, espace et défense", "aerospace and defence", "aéronautique, aéronautique et "
        "espace, spatial, aerospace, aviation industry, défense, defence, defense, armement, satellites"),
    "chemicals": Sector("chimie", "chemicals", "chimique, chemistry, pétrochimie, peinture, engrais, matériaux, "
        "materials"),
    "pharma": Sector("pharmacie et biotechnologies", "pharmaceuticals and biotechnology", "pharmaceutique, pharma, "
        "industrie pharmaceutique, laboratoire, laboratoires, médicaments, biotech, biotechnologie, biotechnology, "
        "dispositifs médicaux, medical devices, medtech"),
    "energy": Sector("énergie", "energy", "électricité, electricity, gaz, gas, pétrole, oil, nucléaire, nuclear, "
        "renouvelables, renewables, énergies renouvelables, solaire, solar, éolien, wind, utilities"),
    "environment": Sector("eau, déchets et environnement", "water, waste and environment", "environnement, "
        "environment, eau, water, traitement de l'eau, distribution d'eau, assainissement, déchets, waste, recyclage, "
        "recycling, propreté, services à l'environnement"),
    "construction": Sector("construction", "construction", "bâtiment, btp, travaux publics, building, génie civil, "
        "civil engineering, infrastructure, infrastructures, architecture, architecte"),
    "real-estate": Sector("immobilier", "real estate", "promotion immobilière, foncière, property, logement, "
        "housing, bailleur social, gestion immobilière"),
    "retail": Sector("commerce et distribution", "retail and distribution", "commerce, distribution, retail, "
        "grande distribution, grande surface, supermarché, supermarkets, magasins, stores, e-commerce, ecommerce, "
        "vente en ligne, négoce, wholesale, commerce de gros, boutique"),
    "consumer-goods": Sector("biens de consommation", "consumer goods", "grande consommation, fmcg, produits "
        "d'entretien, jouets, toys, électroménager, household goods, articles de sport, sporting goods"),
    "luxury": Sector("luxe, mode et beauté", "luxury, fashion and beauty", "luxe, luxury, mode, fashion, beauté, "
        "beauty, cosmétiques, cosmétique, cosmetics, parfum, perfume, textile, habillement, apparel, joaillerie, "
        "jewellery, horlogerie, watches, maroquinerie"),
    "transport": Sector("transport et logistique", "transport and logistics", "transport, transports, logistique, "
        "logistics, supply chain, ferroviaire, rail, railway, aérien, airline, airlines, compagnie aérienne, maritime, "
        "shipping, fret, freight, livraison, delivery, poste, courrier, mobilité, mobility"),
    "tourism": Sector("tourisme, hôtellerie et restauration", "tourism, hotels and restaurants", "tourisme, tourism, "
        "travel, voyage, voyages, hôtellerie, hôtel, hospitality, restauration, restaurant, "
        "traiteur, catering, loisirs, leisure"),
    "it": Sector("informatique et numérique", "information technology", "informatique, numérique, it, digital, "
        "logiciel, logiciels, software, saas, tech, technologie, technology, esn, ssii, cybersécurité, cybersecurity, "
        "intelligence artificielle, artificial intelligence, cloud, données, data, fintech, jeux vidéo, video games"),
    "telecoms": Sector("télécommunications", "telecommunications", "télécoms, télécom, telecom, telecoms, "
        "opérateur télécom, opérateur, fibre, mobile operator, réseaux télécoms"),
    "media": Sector("médias et communication", "media and communication", "médias, média, media, presse, press, "
        "édition, publishing, télévision, television, radio, publicité, advertising, communication, agence de "
        "communication, relations publiques, public relations, marketing, cinéma, musique"),
    "culture": Sector("culture et sport", "culture and sport", "culture, culturel, arts, musée, museum, "
        "patrimoine, spectacle, théâtre, sport, sports, club sportif, évènementiel, événementiel, events"),
    "banking": Sector("banque et finance", "banking and finance", "banque, bank, banking, finance, finances, "
        "services financiers, financial services, gestion d'actifs, asset management, investissement, investment, "
        "private equity, capital investissement, crédit, paiement, payments"),
    "insurance": Sector("assurance", "insurance", "assurances, mutuelle, mutuelles, réassurance, reinsurance, "
        "prévoyance, courtage en assurance, assureur, insurer"),
    "consulting": Sector("conseil et services aux entreprises", "consulting and business services", "conseil, "
        "consulting, consultancy, services, business services, audit, ingénierie, engineering, "
        "ressources humaines, human resources, recrutement, recruitment, intérim, facility management, nettoyage, "
        "sécurité, centre d'appels"),
    "legal": Sector("droit et comptabilité", "law and accounting", "juridique, droit, avocat, avocats, legal, law, "
        "law firm, notaire, notariat, comptabilité, expertise comptable, accounting, accountancy"),
    "education": Sector("enseignement et recherche", "education and research", "enseignement, éducation, education, "
        "formation, training, école, écoles, school, schools, université, university, recherche, research, edtech, "
        "enseignement supérieur, higher education"),
    "health": Sector("santé et action sociale", "health and social care", "santé, health, healthcare, hôpital, "
        "hôpitaux, hospital, clinique, clinic, soins, care, médico-social, social, action sociale, social care, ehpad, "
        "pharmacies d'officine, vétérinaire"),
    "public": Sector("secteur public", "public sector", "administration, administration publique, public "
        "administration, collectivité, collectivité territoriale, mairie, ministère, ministry, government, état, "
        "service public, public service, agence publique, institution européenne"),
    "nonprofit": Sector("associations et économie sociale", "non-profit organisations", "association, associations, "
        "associatif, ong, ngo, fondation, foundation, charity, non-profit, nonprofit, économie sociale et solidaire, "
        "ess, humanitaire, coopérative, syndicat, fédération"),
    OTHER: Sector("autre secteur", "another sector", "autre, divers"),
}  # fmt: skip
"""The entries, by id."""


def find_sector(words: str) -> str:
    """The id of the entry that fits these words best: an id, a label or a synonym, in either language.

    Among the entries' expressions that occur in the words as whole words, the longest one decides, and a vague one only
    if no other occurs. `OTHER` if there is none: what mentors read is never the words themselves.
    """
    if words in SECTORS:
        return words
    said = f" {_folded(words)} "
    found = [
        (expression not in _vague(), len(expression), expression, id)
        for expression, id in _expressions().items()
        if f" {expression} " in said
    ]
    return max(found)[-1] if found else OTHER


def sector_label(sector: str, locale: str) -> str:
    """What mentors read: the label in their language, of an id or of words that were posted before the list existed."""
    return SECTORS[find_sector(sector)].label(locale)


@cache
def _expressions() -> Mapping[str, str]:
    """The ids by their expressions, folded."""
    found: dict[str, str] = {}
    for id, entry in SECTORS.items():
        for text in (id, entry.fr, entry.en, *entry.words.split(",")):
            expression = _folded(text)
            if found.setdefault(expression, id) != id:
                raise ValueError(f"{text.strip()!r} stands for two sectors: {found[expression]} and {id}")
    return found


@cache
def _vague() -> frozenset[str]:
    return frozenset(map(_folded, _VAGUE.split()))


def _folded(text: str) -> str:
    """The words without case, accents, punctuation and plural endings."""
    return " ".join(_singular(word) for word in _WORD.findall(fold(text).text))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and word[-2] != "s" else word
