"""Cookies with sealed values: tied to this host, out of reach of scripts, and never sent with another site's form."""

from dataclasses import dataclass

from flask import Response, request

from web.config import Config


@dataclass(frozen=True)
class Cookie:
    """One cookie of this site."""

    own: str

    def name(self, config: Config) -> str:
        """`__Host-` ties the cookie to this host and to TLS; browsers refuse it without TLS."""
        return f"__Host-{self.own}" if config.secure else self.own

    def read(self, config: Config) -> str:
        """The value that the browser sent; empty if it has none."""
        return request.cookies.get(self.name(config), "")

    def put(self, response: Response, config: Config, value: str, seconds: int) -> None:
        """Keeps the value in the browser for this long."""
        response.set_cookie(self.name(config), value, max_age=seconds, httponly=True, samesite="Lax",
                            secure=config.secure, path="/")  # fmt: skip

    def delete(self, response: Response, config: Config) -> None:
        """Takes the cookie out of the browser."""
        response.delete_cookie(self.name(config), httponly=True, samesite="Lax", secure=config.secure, path="/")
