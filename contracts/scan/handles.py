"""Handles: "@thomas", "insta : thomas_dupont", and a profile's path without its host ("/in/thomas-dupont").

An `@` in program code, in a package's name or before a tool is none.
"""

import re
from collections.abc import Iterator
from itertools import chain

from contracts.scan.platforms import MAIL_PROVIDERS
from contracts.scan.spans import Span
from contracts.scan.words import word_set

_HANDLE = re.compile(r"(?<![\w@])@\w[\w.\-]*")
_PROFILE_PATH = re.compile(r"(?<![\w/\-])/?in/[^\W_][\w\-%]{2,}")
_LINKEDIN_BEFORE = re.compile(r"linked ?in[^\w\n]{0,4}(?:\w{1,12}[^\w\n]{1,4}){0,3}$")
_NAMED_SITE = re.compile(
    r"(?<![^\W_])(?:insta(?:gram)?|twitter|linked ?in|tik ?tok|telegram|snap(?:chat)?|skype|discord|threads|blue ?sky"
    r"|facebook|fb|github|gitlab|signal|whats ?app|twitch|mastodon|pseudo|handle|username|identifiant|compte)"
    r"\s{0,2}[:=]\s{0,2}([^\W\d_][\w.\-]{2,39}(?:\#\d{4})?)"
)
_SPOKEN_OF = re.compile(  # "my Skype name is julie_martin75"
    r"(?<![^\W_])(?:insta(?:gram)?|twitter|tik ?tok|telegram|snap(?:chat)?|skype|discord|threads|facebook|twitch)"
    r"(?:[^\w\n]{1,3}(?:name|id|account|handle|pseudo|compte|identifiant|is|est|c'est|sous|sur|as|my|mon|le|nom)){0,4}"
    r"[^\w\n]{1,3}([^\W\d_]{3,20}_[^\W\d_]{3,20}\d{0,4})(?![\w(=\[])"
)
_MADE_UP = re.compile(r"[^\W_]_[^\W_]|[^\W\d_]\d{1,4}(?:#\d{4})?$|^[^\W\d_]{3,}(?:-[^\W\d_]{3,}){1,2}-\d\w?$|#\d{4}$")
_CODE = word_set("""
    media import keyframes property font-face layer supports container page apply tailwind include mixin use extend
    charset namespace return if else each for while function forward at-root content debug error warn screen variants
    font-feature-values counter-style starting-style scope viewport document custom-media theme utility

    override test beforeeach aftereach beforeall afterall before after bean autowired component service repository
    controller restcontroller requestmapping getmapping postmapping putmapping deletemapping pathvariable requestbody
    requestparam entity table column id value configuration transactional data builder getter setter slf4j injectable
    inject input output ngmodule directive pipe viewchild hostlistener deprecated nullable notnull nonnull
    suppresswarnings functionalinterface safevarargs parameterizedtest mock mockbean spy injectmocks
    springbootapplication staticmethod classmethod dataclass abstractmethod cached_property lru_cache cache wraps
    contextmanager overload final pytest.fixture fixture pytest.mark.parametrize property.setter functools.wraps
    functools.cache app.route app.get app.post app.put app.delete router.get router.post app.task shared_task
    login_required click.command click.option st.cache_data st.composite given settings dataclasses.dataclass
    contextlib.contextmanager param params returns throws exception see since author version todo fixme example
    typedef type link inheritdoc ts-ignore ts-expect-error ts-nocheck click.prevent change submit update:modelvalue
    keyup mouseover published state binding stateobject observedobject environment main objc escaping autoclosure
    mainactor available jsonproperty jsonignore column manytoone onetomany ignore composable

    here channel everyone all home work
""")
_TOOLS = word_set("""
    openai chatgpt claude anthropic copilot gemini mistral perplexity github gitlab notion figma canva slack zapier
    make google microsoft midjourney grok cursor dependabot renovate vercel netlify linkedin twitter tiktok instagram
    facebook youtube workspace codex gpt chatgpt4 docs teams outlook excel
""")
_PACKAGE = re.compile(r"/[a-z0-9][a-z0-9._\-]*")
_RESOLUTION = re.compile(r"\d{1,2}x")  # an image for a display of high density
_NETWORK = re.compile(r"/(?:insta|twitter|x(?![^\W_])|linkedin|tiktok|facebook|fb|snap)")
_CODE_AFTER = re.compile(
    r"\(|\s{0,2}\n\s{0,8}(?:async )?(?:def|class|public|private|protected|function|export|@)(?![^\W_])|=[\"']"
)


def handles(text: str) -> Iterator[Span]:
    """The handles in a folded text."""
    if "@" in text:
        yield from _with_sign(text)
    for match in _PROFILE_PATH.finditer(text):
        start = match.start()
        if match.group().startswith("/") or _LINKEDIN_BEFORE.search(text, max(0, start - 56), start):
            yield *match.span(), "handle"
    for match in chain(_NAMED_SITE.finditer(text), _SPOKEN_OF.finditer(text)):
        name = match.group(1).rstrip(".-")
        if match.re is _SPOKEN_OF or _MADE_UP.search(name):
            yield match.start(1), match.start(1) + len(name), "handle"


def _with_sign(text: str) -> Iterator[Span]:
    for match in _HANDLE.finditer(text):
        handle = match.group().rstrip(".-")
        end = match.start() + len(handle)
        if len(handle) > 2 and any(c.isalpha() for c in handle) and not _is_code(text, handle[1:], end):
            yield match.start(), end, "handle"


def _is_code(text: str, name: str, end: int) -> bool:
    if (
        _RESOLUTION.fullmatch(name)
        or name in _CODE
        or name in _TOOLS
        or name in MAIL_PROVIDERS
        or _CODE_AFTER.match(text, end)
    ):
        return True
    return bool(_PACKAGE.match(text, end)) and not _NETWORK.match(text, end)
