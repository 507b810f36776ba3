"""The infrastructure that every service shares. It holds no business rule and knows no project, quote or mentor."""
