"""The last labels of host names: which exist (the public suffix list), and which need more to be taken for an address.

The list comes with the package; nothing is fetched. An ending that is also a word, an attribute in program code or a
file's extension is written after a full stop for other reasons, too.
"""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from contracts.scan.words import word_set

TLDS = word_set("""
    com net org info biz eu fr de uk be ch lu it es pt nl at dk se fi pl cz ie gr ro hu bg hr si sk lt lv ee mt cy us
    ca mx br ar cl co pe au nz jp cn kr hk tw sg th vn ph id in ae sa qa il tr ru ua za ma tn dz sn ci cm ng ke eg mc
    re gp mq nc pf io ai me tv ly gg gl fm

    dev cloud tech digital agency studio design shop store online site website blog news media group company
    consulting services solutions academy school education training coach coaching paris bzh alsace corsica london
    berlin brussels bank insurance finance energy health care eco bio life work works team social network community
    page link live pro name mobi edu gov int coop jobs careers email events space world global international systems
    software technology xyz club asia africa cat swiss wine beer
""")
"""Endings in practical use."""
COUNTRIES_AND_COM = word_set("""
    com net org eu fr uk ch be lu de es it nl pt at ie io mc biz
""")
"""Endings that a spoken dot ("acme point fr") is believed of."""
WORDS = word_set("""
    ad ads am an app art as author bar best bi bid bingo blue bo bond bot box build buy buzz by call cam camera car
    case cash center channel chat click codes contact cool data date day deal direct do docs dog dot download et fail
    fan fans fast final fit foo free fun fyi gal game games gift gives got green here home host hot how ink is java la
    land law like lol love ls man map market meet meme men menu mini mint mobile moi mom monster my na nab navy ne new
    next ni no now observer off om one open orange parts pay phone pics pid pin ping pink place play plus post press
    prime prod promo properties property protection pub quest radio read red report rest review rich rip rocks room
    run safe sale save search secure security select sex shell show silk smart so song sport spot star stream style
    sucks support tab talk target tips to today tools top total trade trust tube tunes uno va video vision vote watch
    watches web win windows wow you zero zone
""")
"""Endings that are ordinary words or names in program code: an address only where something else says so."""
FILES = word_set("""
    pdf doc docx xls xlsx ppt pptx odt ods odp csv tsv txt rtf json yaml yml xml html htm js ts py md png jpg jpeg gif
    svg webp mp3 mp4 mov avi wav zip rar gz tar exe css sql ics eps psd indd key log sh so rs cc ps bat dll jar vue
    jsx tsx php rb ipynb toml ini cfg env lock bak tmp bin iso dmg apk
""")
"""Extensions of files."""
SENTENCE_WORDS = word_set("de il ma sa si se me us au ai es it be at in eu lu ca re pro info bio care live work")
"""Endings in practical use that a sentence may also begin with: "fini.il faut"."""
BEFORE_SENTENCES = word_set("""
    etc ex cf vs env min max art vol fig tab ref chap sect resp approx dept inc ltd cie mme mlle dr pr st ste mr mrs
    ms fini termine fait faite faits ok oui non merci voila bien tout tous toutes rien plus jour jours semaine
    semaines mois annee annees ans temps heure heures projet projets equipe equipes reunion client clients travail
    suite fin debut besoin besoins objectif objectifs resultat resultats question questions point points ici ainsi
    donc aussi demain done it this that them there here now today yes no well good work works time week weeks month
    months year years team teams project projects thing things people end start plan plans all too also again later
    soon more less
""")
"""Words that a sentence may end with, and abbreviations."""
OBJECTS = word_set("""
    self this cls user users app window document event events e req request res response df db obj object item items
    data config settings args kwargs model models order page form session client console math os sys np pd plt torch
    tf git http json module node el elem element props state ctx context router navigator location process file path
    string array list query row col table cell sheet product account api test main index setup script build run
    install lib utils core base src dist package name email input output result results value key map set get post
    body head header message msg log logger error err ex exception task job queue cache store server service image img
    video player m match re regex foo bar baz my test system spring com cursor conn connection engine driver
    browser
""")
"""Names that program code writes before a dot: "user.name", "element.style"."""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=4096)
def is_ending(label: str) -> bool:
    """Whether a top-level domain has this name, given in lower case and not folded."""
    return label in TLDS or (len(label) > 1 and not label.isdigit() and bool(_suffixes().is_public(label)))


@lru_cache(maxsize=4096)
def is_shared(host: str) -> bool:
    """Whether a host name of several labels belongs to nobody in particular: "gouv.fr", "co.uk", "github.io"."""
    return host.isascii() and bool(_suffixes().is_public(host))
