"""The rules of notify: who gets which notification, when a mail may be sent, what it contains. Pure."""
