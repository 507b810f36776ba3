"""The rules of notify: who is told what, when a mail may go, and what it says. Pure: time and chance are arguments."""
