"""Monitoring: an exporter for metrics of the engines, alerting rules, dashboards."""
