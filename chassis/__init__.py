"""The plumbing that every service shares. It knows nothing of projects, quotes or mentors."""
