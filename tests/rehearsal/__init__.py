"""The rehearsal: deploy/compose.yaml on a real container engine, with the failures of production."""
