"""Every event of the contract, with its real consumers."""

import importlib
import importlib.util
import json
from typing import Any

from contracts.parts import DRAWN, variable_of
from tests.kit.examples import EXAMPLES


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


def handlers_of(service: str) -> Any:
    return importlib.import_module(f"services.{service}.handlers")


def config_of(service: str) -> Any:
    if importlib.util.find_spec(f"services.{service}.config") is None:  # the service has no settings of its own
        return None
    config = importlib.import_module(f"services.{service}.config").Config
    return config.read({variable_of(secret): secret for secret in DRAWN})
