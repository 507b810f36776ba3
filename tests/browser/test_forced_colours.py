"""Forced colours (high contrast): the person's own colours replace ours, and every control still shows where it is."""

import pytest
from playwright.sync_api import Browser

from deploy.local.system import System
from stories.nestle_waters import ORGANISATION
from stories.people import PASSWORD, client
from tests.kit.browser import overflow, person, sign_in

SHAPELESS = """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, a.button")]
  .filter(one => one.checkVisibility() && !["checkbox", "radio", "file"].includes(one.type))
  .filter(one => {
    const style = getComputedStyle(one);
    const bordered = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0;
    return !bordered && !style.textDecorationLine.includes("underline");
  })
  .map(one => one.outerHTML.slice(0, 120))"""
"""Controls with neither a border nor an underline: without our backgrounds nobody sees that they are controls."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_keep_their_shape_with_forced_colours(browser: Browser, system: System, scheme: str) -> None:
    owner = client(system.url, ORGANISATION, "Hélène")
    with person(browser, system.url, forced_colors="active", color_scheme=scheme) as tab:
        for path in ("/", "/sign-up", "/sign-in"):
            tab.go(path)
            assert tab.page.evaluate("matchMedia('(forced-colors: active)').matches")
            assert (tab.page.evaluate(SHAPELESS), overflow(tab.page)) == ([], 0), path
        sign_in(tab, owner.email, PASSWORD)
        for path in ("/home", "/projects", "/projects/new", "/organisation", "/notifications", "/account"):
            tab.go(path)
            assert (tab.page.evaluate(SHAPELESS), overflow(tab.page)) == ([], 0), path
