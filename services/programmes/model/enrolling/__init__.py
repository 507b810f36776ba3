"""Enrolling: a spreadsheet or a JSON list becomes people to enrol, or problems by line and field. Pure.

bytes → `decoding` → `spreadsheet` (or `listed`, for JSON) → `rows` → `fields` (each cell alone) → `relations` (people
against each other and against those who are enrolled).
"""
