"""What a text says that it does not want, or cannot do: such sentences name skills and mean the opposite. Pure.

Rules, not a model: they must be read by whoever asks why a mentor was not invited. They look at sentences, and know the
usual phrases of French and English. "We have no website" is a need, and stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SENTENCE: Final = re.compile(r"(?<=[.!?;:…])\s+|\n+")
_SHORT: Final = 60
"""Characters up to which a refusal with a pronoun may be about the sentence before it."""

# "Nous ne cherchons pas ...", "we do not want ...", "pas de ..., ", "not another tool", "rather than an agency".
_UNWANTED: Final = re.compile(
    r"""
    \b(?:nous|on|je)\ (?:ne\ |n['’])
        (?:cherch|veu|voul|souhait|demand|(?:en\ )?(?:avons|a|ai)\ (?:pas|plus|aucun)\ besoin)\w*\b
        (?=.*\b(?:pas|plus|aucune?|ni|besoin)\b).*
    | \b(?:inutile|pas\ besoin|(?:pas|hors\ de)\ question)\ (?:de\ |d['’]).*
    | \b(?:il\ ne\ s['’]agit|ce\ n['’]est)\ pas\ (?:de|d['’]|un|une)\b.*
    | \b(?:this|it)\ is\ not\ about\b.*
    | \b(?:we|I)\ (?:do\ not|don['’]t|are\ not|aren['’]t|am\ not|will\ not|won['’]t)\ (?:\w+ly\ )?
        (?:want|need|look|ask|after|interested|seek|wish|require)\w*\b.*
    | ^(?:no|not|never|nothing\ (?:about|like|to))\b(?!-).*
    | ^(?:pas|aucune?|surtout\ pas|ni|jamais|rien\ (?:sur|à))\b(?!.*\bn(?:e\b|['’])).*
    | ^(?:without|sans)\b(?!.*\b(?:we|nous|on)\b)[^,]*$
    | ,\s*(?:not|no|never|pas|surtout\ pas|et\ pas|mais\ pas|and\ not|but\ not|sans|without)\b[^,]*
    | \b(?:rather\ than|instead\ of|plutôt\ que|plutôt\ qu['’]|au\ lieu\ de|au\ lieu\ d['’])\s?[^,]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
# "Je ne fais plus de ...", "I have never practised it", "ce n'est pas mon domaine", "no longer does ...".
_DISCLAIMED: Final = re.compile(
    r"""
    \bj[e’'](?:\ l['’]|\ )?(?:ne\ |n['’])(?:en\ |y\ |l['’]|le\ |la\ |les\ )?(?!(?:\w+\ )?que\b)
        [^,;]*?\b(?:plus|jamais|pas|aucune?|guère|qu['’]une\ fois|qu['’]un)\b
    | \bj['’]ai\ (?:quitté|arrêté|abandonné|cessé|oublié)\b
    | \bj['’]ai\ (?:à\ peine|peu)\b
    | \b(?:il|elle)\ n(?:e\ |['’])(?!faut\b)(?:\w+\ )?\w+\ (?:plus|jamais)\b
    | \bje\ n['’]y\ connais\ rien\b | \bje\ suis\ nulle?\ en\b | \btrès\ peu\ pour\ moi\b | \bjamais\ fait\b
    | \bnot\ my\ (?:thing|field|trade|job)\b | \bI\ know\ nothing\ (?:of|about)\b
    | \bne\ comptez\ pas\ sur\ moi\b | \b(?:plus|rien)\ depuis\b | \bn['’]est\ pas\ mon\b | \bn['’]est\ plus\ mon\b
    | \b(?:débutant|débutante)\ (?:complète?\ )?en\b | \baucune\ (?:expérience|pratique|notion)\b
    | \bje\ laisse\b.*\b(?:d['’]autres|collègues|spécialistes)\b
    | \bI\ (?:no\ longer|never|have\ never|have\ not|haven['’]t|had\ no|have\ no|do\ not|don['’]t|did\ not|didn['’]t
        |cannot|can['’]t|am\ not|am\ no|would\ not|won['’]t|stopped|gave\ up|quit|barely|hardly|once\ ticked)\b
    | \bI['’](?:ve\ never|m\ not|m\ no|d\ rather\ not) | \b(?:he|she|they)\ no\ longer\b
    | \bno\ longer\ (?:do|does|my)\b
    | \b(?:is|are)\ not\ (?:something\ I|my\ (?:thing|field|trade|job))\b | \brather\ not\ again\b | \bexactly\ once\b
    | \bnot\ used\ it\ since\b | \bnever\ (?:used|practised|practiced|did|done|worked)\b | \bbores?\ me\b
    | \bno\ (?:experience|practice|knowledge)\ (?:of|in|with)\b
    | \bI\ leave\b.*\bto\ (?:others|colleagues|specialists)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Negations that refuse and disclaim nothing: "not only ...", "never too late", "I never stop learning".
_IDIOM: Final = re.compile(
    r"""
    (?:\bnot|n['’]t|\bpas)\ (?:only|just|merely|simply|necessarily|(?:seulement|uniquement|forcément|nécessairement)\b)
    | \bne\ (?:me|nous|se)\ (?:contente|contentons|lasse|lassons)\ (?:pas|jamais)\b
    | \b(?:ne\ |n['’])\w+\ (?:pas|jamais)\ (?:peur|trop\ tard)\b | \bpas\ à\ pas\b | \bjamais\ trop\ tard\b
    | \bpas\ (?:de|d['’])\ ?(?:jargon|diplôme|mots?\ compliqués?)\b | \bno\ one\b
    | \b(?:never|not)\ too\ late\b | \bnever\ (?:stop|stopped|tire|miss|missed)\b
    | (?:\b(?:no|not|never)|n['’]t)\ (?:use\ |need\ |have\ )?(?:a\ |any\ )?(?:jargon|degree|diploma)\b
    | \b(?:can['’]t|cannot)\ (?:imagine|wait)\b | \bhaven['’]t\ missed\b | \bnot\ (?:afraid|one)\b
    | (?:\bnot|n['’]t)\ want\ to\ (?:lose|miss|waste|depend)\b
    | \b(?:pas|plus)\ (?:perdre|rater|manquer|dépendre|subir|gaspiller)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OF_WHAT_CAME_BEFORE: Final = re.compile(r"\b(?:it|them|l['’](?:ai|a|avais)|cela|ça|en\ fais)\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[«“\"].*?[»”\"]")


def sentences(text: str) -> list[str]:
    """The sentences and clauses of a text, without empty ones."""
    return [found for part in _SENTENCE.split(text) if (found := part.strip())]


def wanted(text: str) -> str:
    """A brief without what it does not want."""
    kept = (one if _IDIOM.search(one) else _UNWANTED.sub(" ", one).strip(" ,") for one in sentences(text))
    return " ".join(filter(None, kept))


@dataclass(frozen=True)
class Told:
    """A bio: what it ``claims``, and the sentences in which it says what its author does not do."""

    claims: str
    disclaims: tuple[str, ...] = ()


def told(text: str) -> Told:
    """A bio in its two parts."""
    claims, disclaims = [], []
    for before, one in _with_the_one_before(sentences(text)):
        if not _DISCLAIMED.search(_IDIOM.sub(" ", _QUOTED.sub(" ", one))):
            claims.append(one)
            continue
        about_before = before and len(one) <= _SHORT and _OF_WHAT_CAME_BEFORE.search(one)
        if about_before and claims and claims[-1] == before:
            claims.pop()
        disclaims.append(f"{before} {one}" if about_before else one)
    return Told(" ".join(claims), tuple(disclaims))


def _with_the_one_before(found: list[str]) -> Iterator[tuple[str, str]]:
    return zip(["", *found], found, strict=False)
