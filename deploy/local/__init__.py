"""Runs the real engines and every service as local processes, installed only with pip."""
