"""The PDF of an order, set by Typst: tagged for screen readers, with fonts of its own, the same bytes each time."""

import json
from functools import cache
from pathlib import Path

import typst

from services.projects.model.orders import Order
from services.projects.views.paper import sheet

TEMPLATE = Path(__file__).with_name("order.typ")


def render(order: Order, language: str, keys_url: str) -> bytes:
    """The document. What people wrote goes in as data and is never read as markup."""
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts())
    data = {"sheet": json.dumps(sheet(order, language, keys_url), ensure_ascii=False)}
    moment = int((order.revised_at or order.issued_at).timestamp())
    made = compiler.compile(format="pdf", sys_inputs=data, timestamp=moment)
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Those inside the library (SIL Open Font Licence and alike); what the machine has must not change a document."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
