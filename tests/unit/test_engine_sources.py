"""How the tests choose their engines; no engine has to run for these tests."""

from pathlib import Path

import pytest
import yaml

from tests.kit.engines import KAFKA_IMAGE, MONGO_IMAGE, given


def test_given_engines_are_used_unchanged() -> None:
    environ = {"RELEVE_TEST_MONGO_URI": "mongodb://m:1/?replicaSet=rs0"}
    with given("RELEVE_TEST_MONGO_URI", environ) as uri:
        assert uri == "mongodb://m:1/?replicaSet=rs0"
    with pytest.raises(KeyError, match="RELEVE_TEST_KAFKA"), given("RELEVE_TEST_KAFKA", environ):
        pass


def test_containers_of_the_tests_use_the_images_of_compose(root: Path) -> None:
    services = yaml.safe_load((root / "deploy/compose.yaml").read_text())["services"]
    assert services["mongo-1"]["image"] == f"${{RELEVE_IMAGE_MONGO:-{MONGO_IMAGE}}}"
    assert services["kafka-1"]["image"] == f"${{RELEVE_IMAGE_KAFKA:-{KAFKA_IMAGE}}}"
