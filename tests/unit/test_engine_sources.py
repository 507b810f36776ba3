"""Where the tests' engines come from: what does not need any of them to run."""

from pathlib import Path

import pytest
import yaml

from tests.kit.engines import KAFKA_IMAGE, MONGO_IMAGE, given


def test_engines_that_are_given_are_taken_as_they_are() -> None:
    environ = {"RELEVE_TEST_MONGO_URI": "mongodb://m:1/?replicaSet=rs0"}
    with given("RELEVE_TEST_MONGO_URI", environ) as uri:
        assert uri == "mongodb://m:1/?replicaSet=rs0"
    with pytest.raises(KeyError, match="RELEVE_TEST_KAFKA"), given("RELEVE_TEST_KAFKA", environ):
        pass


def test_the_containers_of_the_tests_are_of_the_images_that_compose_runs(root: Path) -> None:
    services = yaml.safe_load((root / "deploy/compose.yaml").read_text())["services"]
    assert services["mongo-1"]["image"] == f"${{RELEVE_IMAGE_MONGO:-{MONGO_IMAGE}}}"
    assert services["kafka-1"]["image"] == f"${{RELEVE_IMAGE_KAFKA:-{KAFKA_IMAGE}}}"
