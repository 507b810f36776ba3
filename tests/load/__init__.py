"""Load test of Relève: projects arrive through the gateway at a fixed rate, independent of response times.

`make load` runs `python -m tests.load`. Only `tests.load.generator` and its imports (`people`, `story`) use Locust,
in a separate process, because Locust replaces Python's sockets and threads by gevent's.
"""
