"""The labelled set on which matching is measured: mentors, briefs and who fits which (see README.md)."""
