"""The rehearsal: deploy/compose.yaml on a real engine, with what goes wrong in production."""
