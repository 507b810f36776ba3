"""What is shown of an aggregate, and to whom."""
