"""Progress of a programme: aggregates that uncover nobody.

A reader combines whatever they can read: rows, the total minus rows, yesterday minus today, what colleagues read, their
own answers. Two properties withstand all of that, because they hold for the sums from which everything is computed.

**Disjoint groups.** Every figure shown to anybody, at any time, is a sum of *published sums*. A published sum adds one
increment for each of at least `FEWEST` people, and each increment (what a person added to the figures between two
updates, or their change between two self-assessments) is in exactly one published sum. Linear combinations of sums over
disjoint groups determine the sum over a group of increments only if that group is a union of them. So no combination
determines the sum over fewer than `FEWEST` people: no difference of rows, dates, filters or readers.

- Figures (`blocks`): when the pairs are published, people are divided once into blocks of at least `FEWEST`. A block's
  figures change only when at least `FEWEST` of its people have changed. Rows and totals add blocks.
- Self-assessments (`batches`): a person enters one batch, once. Rows and totals add batches.

**Guarded sums.** A sum near its extreme says something about everybody in it: five people whose changes add up to the
maximum all changed by the maximum. So a batch stores its sum moved away from both extremes (`guarded`), by so much that
each answer of the scale remains possible for each person, even to a reader who knows the answer of `KNOWN` of them.

The figures need no guard: who reads them reads the same facts by name, in the lists of participants, pairs and
sessions. Self-assessments are in no list. `docs/decisions/0065-progress.md` says why there is no noise and no free
filter, and `tests/unit/test_programmes_progress_attack.py` attacks this.
"""
