"""The direction of each skill's meaning, learnt from the thesaurus: ``python -m contracts.fit.meanings`` writes it.

``meanings.npy`` has a row for each skill in the order of the vocabulary: the mean of the embeddings of its sentences.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np

from contracts.fit.encoder import Encoder, Vectors, small_e5
from contracts.fit.thesaurus import sentences
from contracts.vocabulary import SKILLS

NAME = "meanings.npy"


@cache
def meanings() -> Vectors:
    """The directions of the skills (rows)."""
    stored = np.load(BytesIO((files(__package__) / NAME).read_bytes()))
    return np.asarray(stored, np.float32)


@cache
def middle() -> Vectors:
    """The mean of all directions: what every text has in common, which tells no skill from another."""
    found: Vectors = meanings().mean(axis=0)
    return found


def learn(encoder: Encoder) -> Vectors:
    """The directions of the skills as this encoder sees them; takes two minutes of a core."""
    said = sentences()
    return np.array([encoder.encode(said[id] or SKILLS[id].names).mean(axis=0) for id in SKILLS], np.float32)


if __name__ == "__main__":
    np.save(Path(__file__).with_name(NAME), learn(small_e5()).astype(np.float16))
