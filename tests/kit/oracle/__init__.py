"""What is promised, and whether it holds: one oracle for races, histories, simulation, faults and load.

A run hands over what it saw as plain data, and is told each promise that does not hold.

| module | what it judges |
|---|---|
| `checker` | `check`: everything at once, from an `evidence.Evidence` |
| `in_process` | makes the evidence of services in process (races, histories, simulation) |
| `agreement` | one round or project: the stored document, its events step by step, and what people read |
| `five` | the five-quote rule, from people's answers alone (load) |

`tests.faults.collect` makes the evidence of a whole system of processes. `tests/faults/test_checker.py` plants a breach
of each promise and asks that it is found.
"""
