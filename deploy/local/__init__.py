"""The real engines and every service as processes of this machine, installed by pip alone."""
