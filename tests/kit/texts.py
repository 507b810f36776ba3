"""The texts of the pages: found in templates and modules, and compared with the translations.

`python -m tests.kit.texts` adds what is missing to the translation, empty, and takes out what nothing uses.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from web import operated, present, refusals, words

WEB = Path(words.__file__).parent
CALLS = ("gettext", "ngettext")
Text = str | tuple[str, str]


def used() -> set[Text]:
    """Every text that a page may show; a pair has a singular and a plural."""
    return {*_of_templates(), *_of_modules(), *_of_tables()}


def _of_templates() -> Iterator[Text]:
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for path in sorted((WEB / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _line, _function, found, _comments in babel_extract(file, ["_", "gettext", "ngettext"], [], options):
                texts = [text for text in (found if isinstance(found, tuple) else [found]) if text]
                if texts:  # nothing where the text is a variable: those of tables are read from the tables
                    yield (texts[0], texts[1]) if len(texts) > 1 else texts[0]


def _of_modules() -> Iterator[Text]:
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
                texts = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
                if texts:
                    yield (texts[0], texts[1]) if len(texts) > 1 else texts[0]


def _of_tables() -> Iterator[str]:
    yield from (text for table in operated.TABLES for text in table.values())
    tables = (present.PROJECT, present.INVITATION, present.OUTCOME, present.PROGRAMME, present.PAIR, present.SESSION)
    states = [present.MODERATED, *(state for table in tables for state in table.values())]
    yield from (text for state in states for text in (state.label, state.then) if text)
    yield from present.KIND.values()
    yield from present.EXPOSURE.values()
    yield from refusals.REFUSALS.values()
    yield from refusals.CODES.values()
    yield from refusals.ROWS.values()


def main() -> None:
    """Rewrites the English translation with exactly the texts in use."""
    wanted = Catalog(locale="en", project="Relève", header_comment="# English texts of the pages.")
    kept = {message.id if isinstance(message.id, str) else message.id[0]: message for message in words.catalog("en")}
    for text in sorted(used(), key=str):
        old = kept.get(text if isinstance(text, str) else text[0])
        wanted.add(text, old.string if old else "" if isinstance(text, str) else ("", ""))
    with (WEB / "translations" / "en.po").open("wb") as file:
        write_po(file, wanted, width=120, omit_header=True, no_location=True)


if __name__ == "__main__":
    main()
