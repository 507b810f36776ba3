"""The system's promises and their check: one oracle for races, histories, simulation, faults and load.

A run passes what it observed as plain data, and gets each broken promise as a finding.

| module | what it judges |
|---|---|
| `checker` | `check`: everything at once, from an `evidence.Evidence` |
| `in_process` | makes the evidence of services in process (races, histories, simulation) |
| `agreement` | one round or project: the stored document, its events step by step, and what people read |
| `programmes` | pairs, messages, answers and names of programmes; part of `check` |
| `five` | the five-quote rule, from answers to people only (load) |

`tests.faults.collect` makes the evidence of a whole system of processes. `tests/faults/test_checker.py` plants a breach
of each promise and checks that it is found.
"""
