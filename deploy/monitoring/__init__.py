"""Watching: an exporter of what no service can say of itself, rules, dashboards."""
