"""Helpers shared by tests. A helper that a second test needs moves here immediately; no test module imports another.

| module | what it offers |
|---|---|
| `waiting` | `until`: the one polling loop, with a deadline; fails with the last answer |
| `engines` | MongoDB and Kafka of the run's source (`RELEVE_TEST_ENGINES`) |
| `tokens` | `Signer`: signs access tokens and stands in for the keys of accounts; `KeyServer` serves its key set |
| `examples` | one organisation, project, quote, mentor and account; the contract's examples, moved to now |
| `services` | `Running`: one service in process over a real database: HTTP, handlers, deadlines, outbox |
| `market` | `Market`: the services of a project's life, each on a database of its own, and the people in it |
| `accounts`, `projects`, `matching`, `notify`, `programmes` | one service with what its tests ask of it |
| `cohorts` | a programme whose owner enrols people over HTTP |
| `pages` | the pages in process, over an API whose answers a test writes |
| `gateway` | `Running`: a real Envoy in front of services that report the requests that reached them |
| `lamps` | the smallest service, on which the chassis is tested |
| `oracle` | the promises of the system, and the check of a run against them |
| `contract`, `images`, `orders`, `stand_ins` | examples, consumers; images; an order; stand-ins for processes |
| `manifests` | Kubernetes' own schemas, strict |
| `waves` | settings that keep waves of a fixed size |
| `clock`, `threads` | a service's clock in the hand of a test; jobs of a worker in threads |
| `letters` | every mail that notify can send, in both languages, and what its readers see |
| `browser`, `ways` | a real Chromium; in which language and width, with which colours, with or without a script |
| `colours` | the colours of the pages and their contrast |
| `skips` | what a run says of tests that it could not play |
| `scratch` | where a run keeps its files |
| `pictures` | small pictures with every kind of metadata |
| `queries` | a pytest plugin that notes each query of a run with its place in the code |
| `racing` | concurrent calls, a hundred times, so that either side may win |
| `answers` | a test client's answer as body, problem or outcome |
| `collector` | takes traces over OTLP |
| `proxy` | TCP proxies whose line can be cut, slow, deaf or mute |
| `signals` | crashes, pauses and resumes a process |
| `faulty` | the whole system with a proxy before each engine |
| `prometheus` | a real Prometheus with the rules of deploy/monitoring |
| `newcomers` | a copy of the tree with one more part |
"""
