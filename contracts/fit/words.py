"""Tokenizes texts for comparison: stems of French and English words, without stop words. Pure.

A text does not say in which language it is, and many mix the two. Each word therefore passes both Snowball stemmers
(https://snowballstem.org), English first: it takes little from a French word.
"""

import re
import threading
import unicodedata
from functools import lru_cache
from typing import Final

import snowballstemmer

from contracts import vocabulary

# Stop words, folded: French, English, then words that every brief uses.
_STOP_WORDS_TEXT: Final = """
ai aie ainsi alors apres as au aucun aujourd aussi autre autres aux avant avec avez avoir avons bien car ce
ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment dans de deja depuis dernier des
donc dont du elle elles en encore entre es est et etaient etait etant ete etes etre eu eux faire fait fois
font hui ici il ils je jusqu la le les leur leurs lors lorsqu lui ma mais me meme mes moi moins mon ne ni
nos notre nous on ont or ou par parce pas pendant peu peut plus plusieurs pour pourquoi pouvoir puis qu
quand que quel quelle quelles quels qui quoi sa sans se sera ses si sommes son sont sous sur ta te tes toi
ton tous tout toute toutes tres trop tu un une vers via vos votre vous

about after all also am an and any are at be because been before being but by can could did do does each for
from had has have he her here him his how i if in into is it its just me more most my no nor not of off on
once only or other our out over own same she should so some such than that the their them then there these
they this those to too under until up us very was we were what when where which while who why will with
would you your

accompagnement accompagner aide aider annees ans besoin besoins bonjour cherche chercher cherchons companies
company days entreprise entreprises equipe equipes hello help helping jours like look looking merci mission
missions mois month months need needs please project projects projet projets recherche recherchons search
semaine semaines societe souhaite souhaiter souhaitons team teams thank thanks travail voudrions voulons
want week weeks wish work working year years
"""
_STOP_WORDS: Final = frozenset(_STOP_WORDS_TEXT.split())


def tokens(text: str) -> list[tuple[str, str]]:
    """The words of a text without stop words, in order: each as a token and as it is spelled."""
    # Composed first, because the expression does not match combining accents as letters.
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", vocabulary.few_marks(text)))
    return [(token, word) for word in words if (token := _token(word))]


@lru_cache(maxsize=65536)
def _token(word: str) -> str:
    """The stem of a word without case and accents; empty for a stop word or a number."""
    plain = vocabulary.fold(word)
    if not 2 <= len(plain) <= 40 or plain.isdigit() or plain in _STOP_WORDS:
        return ""
    stem = word.casefold()
    for stemmer in _stemmers():
        stem = stemmer.stemWord(stem)
    return vocabulary.fold(stem)


class _OfThread(threading.local):
    """The stemmers of one thread: they keep a word between their steps."""

    def __init__(self) -> None:
        self.stemmers = tuple(map(snowballstemmer.stemmer, ("english", "french")))


_OF_THREAD = _OfThread()


def _stemmers() -> tuple[snowballstemmer.basestemmer.BaseStemmer, ...]:
    return _OF_THREAD.stemmers
