"""The network of a request, for limits."""

import pytest
from flask import Flask

from chassis.http.origin import UNKNOWN, caller_network, network_of


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.9", "203.0.113.9"), (" 203.0.113.9 ", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("", UNKNOWN), ("boss", UNKNOWN), ("203.0.113.9:80", UNKNOWN),
])  # fmt: skip
def test_one_ipv6_network_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("header", ["203.0.113.9", "1.1.1.1, 203.0.113.9"])
def test_last_forwarded_address_is_what_the_gateway_saw(header: str) -> None:
    with Flask("x").test_request_context(headers={"X-Forwarded-For": header}):
        assert caller_network() == "203.0.113.9"


def test_request_past_the_gateway_has_no_known_network() -> None:
    with Flask("x").test_request_context():
        assert caller_network() == UNKNOWN
