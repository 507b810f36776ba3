"""Ways to the outside: the SMTP server, and the internal routes of accounts."""
