"""A developer reads the API's document without an account."""

import httpx

from deploy.gateway import documents
from tests.stories.running import Running


def test_document_and_page_are_public_and_complete(system: Running) -> None:
    document = httpx.get(f"{system.url}/api/openapi.json")
    assert (document.status_code, document.headers["content-type"]) == (200, "application/json")
    assert document.content == (documents.built() / "openapi.json").read_bytes()
    page = httpx.get(f"{system.url}/api/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.content == (documents.built() / "docs.html").read_bytes()


def test_only_routes_documented_as_public_need_no_token(system: Running) -> None:
    paths = httpx.get(f"{system.url}/api/openapi.json").json()["paths"]
    for path, item in paths.items():
        if "get" in item and "{" not in path:
            answer = httpx.get(f"{system.url}{path}")
            assert answer.status_code == (401 if item["get"]["security"] else 200), path
