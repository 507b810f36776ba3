"""What is beyond this service and its database: the typesetter of orders on paper."""
