"""Renders an order as PDF with Typst: tagged for screen readers, with embedded fonts, reproducible byte for byte."""

import json
from functools import cache
from pathlib import Path

import typst

from services.projects.model.orders import Order
from services.projects.views.paper import sheet

TEMPLATE = Path(__file__).with_name("order.typ")


def render(order: Order, language: str, keys_url: str) -> bytes:
    """The PDF's bytes. User text is passed as data, never parsed as markup."""
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts())
    data = {"sheet": json.dumps(sheet(order, language, keys_url), ensure_ascii=False)}
    moment = int((order.revised_at or order.issued_at).timestamp())
    made = compiler.compile(format="pdf", sys_inputs=data, timestamp=moment)
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """The library's own fonts (open licences). System fonts are excluded, so that every machine gives the same PDF."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
