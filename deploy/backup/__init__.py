"""Backup and restore of every service's data: `python -m deploy.backup`, or `make backup` and `make restore`.

docs/backup.md explains its use and what a restore can lose.
"""
