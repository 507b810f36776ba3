"""Ordinary French and English words: a name that is one of them may be meant as a word.

`ordinary.txt.gz` holds the frequent ones, an empty line, and the others. They are the words in lower case that both
Hunspell's dictionary (French: Grammalecte 7.5, MPL 2.0; English, American and British: SCOWL 2020.12.07, free use with
its notice) and wordfreq 3.1.1 (data: CC BY-SA 4.0) know, with a frequency there of at least 3.2 or 0.1 per million
words. Firms, people and places are not among them: dictionaries write these with a capital.
"""

import gzip
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from contracts.scan import WORD, fold, word_set

_GIVEN = word_set("""
    adam adele adrien agathe agnes alain alan albert alex alexandra alexandre alexis alice aline alison amelie amy ana
    andre andrea andrew angela anna anne annie anthony antoine ariane arnaud arthur astrid aurelie axel barbara
    bastien beatrice ben benjamin benoit bernard berenice bertrand brian brigitte bruno caitlin camille carine carla
    carlos carole caroline catherine cecile cedric celia celine chantal charles charlotte chloe chris christelle
    christian christine christophe claire clara claude claudia clement clementine colette corinne cyril damien daniel
    danielle david deborah delphine denis didier dominique edith edouard edward elena eleonore elisabeth elise eliza
    elizabeth elodie elsa emeline emeric emilie emily emma emmanuel emmanuelle eric erica estelle esther etienne eugene
    eva eve fabien fabienne fabrice fanny fatima felix fernand flavien florence florent florian francis franck francois
    francoise frederic frederique gabriel gabrielle gaelle gael gary gaspard gautier genevieve george georges gerald
    gerard germain ghislaine gilbert gilles giulia gregoire gregory guillaume gustave guy hannah harry helen helene
    henri henry herve hugo hugues ines ingrid irene isabelle ivan jack jacqueline jacques james jane jason jean jeanne
    jeff jennifer jeremy jerome jessica jim joan joel joelle joe johan john jonathan jordan joseph josephine joshua
    judith jules julia julian julie julien juliette justine karim karine kate katherine kathleen katia kelly ken kenza
    kevin kim laetitia larry laura laure laurence laurent lea leila leo leon leonie lily linda lisa lola lou louis
    louise luc lucas lucie lucien lucy ludovic lydia madeleine magali manon marc marcel margaret margaux margot maria
    marianne marie marina marine marion mario marjorie mark martha martin martine mary mathieu mathilde matthew
    matthieu maud maurice max maxime megan melanie melissa michael michel michele mickael miguel mike mireille mohamed
    monique morgan muriel myriam nadia nadine nancy natacha nathalie nathan nelly nicolas nicole noemie nora oceane
    odile olga olivia olivier oscar pablo pamela pascal pascale patricia patrick paul paula pauline pedro peter philip
    philippe pierre rachel rachid raphael raymond rebecca regine regis remi renaud rene richard robert robin rodolphe
    roger roland romain romane ronan rose rosa ruth sabine sabrina sacha salome sam samantha samuel sandra sandrine
    sara sarah scott sebastien serge severine sharon simon simone sofia solene sonia sophie stephane stephanie stephen
    steve steven susan suzanne sven sylvain sylvie tania tanguy teresa theo theodore therese thibault thierry thomas
    tiffany tim tom tony tristan ulysse ursula valentin valentine valerie vanessa veronique victor victoria vincent
    violette virginie vivien wendy william xavier yann yannick yasmine yves yvette yvonne zoe
""")
_PLACES = word_set("""
    abidjan africa afrique ain aisne albi alger algerie allemagne allier alpen alpes alps alsace america amerique
    amiens amsterdam angers angleterre angouleme anjou ankara annecy annemasse antibes antwerp antwerpen anvers
    aquitaine ardeche ardennes argentina argentine argovie ariege arizona arles arlon asia asie athenes athens atlanta
    atlantic atlantique aube aude aulnay australia australie austria autriche auvergne aveyron avignon bale baltic
    baltique barcelona barcelone basel bavaria baviere bayonne beauvais beijing belfast belfort belgique belgrade
    berlin bern berne berry besancon beyrouth beziers biarritz bilbao birmingham blois bologna bonn bordeaux boston
    bourges bourgogne brabant brazil bremen bresil brest bretagne bristol britain brooklyn bruges brugge brussels
    bruxelles bucarest bucharest budapest bulgaria bulgarie caen caire cairo calais california californie calvados
    camargue cambridge camden cameroun canada cannes cantal caraibes cardiff caribbean casablanca cevennes chambery
    champagne charente charleroi chartres chateauroux cher chicago chile chili chine cholet clermont colmar cologne
    colombia colombie compiegne congo copenhagen copenhague coree cornwall correze corse courtrai cracovie creteil
    creuse croatia croatie dakar dallas danemark danube dauphine defense delhi denmark denver devon dieppe dijon doha
    dordogne dorset doubs dresden drome dubai dublin dunkerque dusseldorf ecosse edimbourg edinburgh egypt egypte
    elysee elysees england espagne essex essonne eure europe evreux evry finistere finland finlande flandre flandres
    florence florida floride france francfort frankfurt fribourg gand gap gard garonne gascogne genes geneva geneve
    genova gent germany gers ghent gironde glasgow grece greece grenade grenoble guadeloupe guyane hainaut hambourg
    hamburg hanover hasselt helsinki herault hongkong hongrie houston hungary iceland inde india ireland irlande isere
    islande istanbul italie italy japan japon jura kent kenya kiev koln korea kortrijk kyiv landes lausanne laval
    leeds leipzig leman lens leuven liban liege lille limoges limousin lisbon lisbonne liverpool ljubljana loire
    loiret london londres lorient lorraine lot louvain lozere lucerne lugano luxembourg luzern lyon macon madrid
    malaga malines manche manchester manhattan mans marais marne maroc marseille martinique mayenne mayotte meaux
    mechelen mediterranean mediterranee melbourne melun metz meurthe meuse mexico mexique miami michigan milan monaco
    mons montauban montmartre montpellier montreal montreuil montreux morbihan morocco moscou moscow moselle mulhouse
    mumbai munich namur nancy nanterre nantes naples napoli neuchatel neuilly nevada nevers nice nievre nigeria nimes
    niort norfolk normandie norvege norway occitanie ohio oise oregon orleans orne oslo ostende ottawa oxford pacific
    pacifique pantin paris pau pekin perigord perou perpignan peru philadelphia picardie poitiers poitou poland
    pologne porto portugal prague praha provence pyrenees qatar quebec quimper rabat reims rennes reunion rhin rhine
    rhone roanne rodez romania rome roubaix rouen roumanie russia russie saclay saintes sardaigne sarthe savoie saxe
    schweiz scotland seattle seine senegal serbia serbie sevilla seville shanghai sheffield sicile singapore singapour
    sion slovenia slovenie sofia soho somme sorbonne spain stockholm strasbourg stuttgart suede suffolk suisse surrey
    sussex sweden switzerland sydney tamise tarbes tarn tessin texas thames thurgovie tokyo torino toronto toulon
    toulouse tourcoing tournai tours troyes tunis tunisie turin turkey turquie ukraine ulster valais valence valencia
    vancouver vannes varsovie vaucluse vaud vendee venise versailles verviers vevey vichy vienna vienne villeurbanne
    vincennes virginia vosges wales wallonia wallonie warsaw washington wembley yonne york yorkshire yvelines zagreb
    zoug zug zurich
""")


@dataclass(frozen=True, slots=True)
class _Lists:
    """Folded words, and all words as they are written."""

    common: frozenset[str]
    known: frozenset[str]
    written: frozenset[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    text = gzip.decompress((files(__package__) / "ordinary.txt.gz").read_bytes()).decode()
    frequent, _, others = text.partition("\n\n")
    common = word_set(fold(frequent).text) | _GIVEN | _PLACES
    return _Lists(common, common | word_set(fold(others).text), word_set(text))


def is_common(word: str) -> bool:
    """Whether a folded word is a frequent one, a frequent first name or a well-known place."""
    return word in _lists().common


def known_words() -> frozenset[str]:
    """All folded words that are ordinary ones."""
    return _lists().known


def is_known(word: str) -> bool:
    """Whether a folded word is an ordinary one, in any of its forms, frequent or not."""
    return word in _lists().known


def is_given_name(word: str) -> bool:
    """Whether a folded word is a frequent first name."""
    return word in _GIVEN


def coined(name: str) -> frozenset[str]:
    """The folded words of a name that are ordinary ones only without their accents: "Nestlé" is not "to nestle"."""
    written = WORD.findall(unicodedata.normalize("NFC", name).lower())
    accented = {fold(word).text: word for word in written if not word.isascii()}
    names = _GIVEN | _PLACES
    return frozenset(plain for plain, word in accented.items() if word not in _lists().written and plain not in names)
