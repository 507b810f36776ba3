"""What Relève carries: projects arrive through the gateway at a rate that does not wait for its answers.

`make load` runs `python -m tests.load`. Only `tests.load.generator` and what it imports (`people`, `story`) know
Locust, in a process of their own: Locust replaces Python's sockets and threads by gevent's.
"""
