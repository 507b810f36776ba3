"""What the worker does beside events and deadlines: it sends the mails."""
