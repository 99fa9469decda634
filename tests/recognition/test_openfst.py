"""What libvosk reads must be what was meant, so OpenFst's own rules are written down here once more."""

import struct

import numpy as np

from voice_faq.recognition.graph.compiling import Lexicon
from voice_faq.recognition.graph.openfst import MAGIC, Arc, NgramState, lookahead_fst, ngram_fst


def next_labels(arcs: list[Arc], state: int, seen: frozenset[int] = frozenset()) -> set[int]:
    """Labels that come next from a state, found by walking; 1 for an end."""
    found: set[int] = set()
    for arc in arcs:
        if arc.source != state:
            continue
        if arc.to is None:
            found.add(1)
        elif arc.label_out:
            found.add(arc.label_out)
        elif arc.to not in seen:
            found |= next_labels(arcs, arc.to, seen | {state})
    return found


def test_the_lexicon_tells_of_every_state_which_words_can_come_next() -> None:
    # Two homophones, one beginning of another, one with two pronunciations, one alone.
    lexicon = Lexicon({"甲": [(5, 9)], "乙": [(5, 9)], "丙": [(5, 9, 13)], "丁": [(5, 17), (21,)], "戊": [(25, 9)]})
    assert sorted(lexicon.labels.values()) == [2, 3, 4, 5, 6] and lexicon.final_label == 1
    for state, intervals in enumerate(lexicon.next_labels):
        told = {label for begin, end in intervals for label in range(begin, end)}
        assert told == next_labels(lexicon.arcs, state), state
    assert len(max(lexicon.next_labels, key=len)) <= 2


def test_words_that_end_alike_share_their_endings() -> None:
    few = Lexicon({"甲": [(5, 9, 13, 17)]})
    more = Lexicon({"甲": [(5, 9, 13, 17)], "乙": [(21, 9, 13, 17)]})
    assert len(more.next_labels) == len(few.next_labels) + 1


def test_a_lookahead_file_has_its_states_arcs_and_labels() -> None:
    arcs = [Arc(0, 1, 3, 2, 0.5), Arc(1, None, 0, 0, 1.5), Arc(0, 0, 4, 0, 0.0)]
    data = lookahead_fst(arcs, 0, [((2, 3),), ((1, 2),)], 1)
    assert struct.unpack_from("<i", data)[0] == MAGIC
    inner = data.index(b"const")
    start, states, count = struct.unpack_from("<qqq", data, inner + len("const") + 4 + len("standard") + 16)
    assert (start, states, count) == (0, 2, 2)
    at = inner + len("const") + 4 + len("standard") + 40
    finals = np.frombuffer(data, "<f4", 2 * 5, at)[::5]
    assert np.isinf(finals[0]) and finals[1] == 1.5
    labels = np.frombuffer(data, "<i4", 2 * 4, at + 40).reshape(2, 4)
    assert labels[:, :2].tolist() == [[4, 0], [3, 2]]  # by output label
    assert data.endswith(struct.pack("<q3i", 1, 2, 3, 1) + struct.pack("<q3i", 1, 1, 2, 1))


def test_an_ngram_file_has_its_contexts_by_age_and_label() -> None:
    states = {
        (): NgramState([(2, 1.0), (3, 2.0)], 0.0, 4.0),
        (0,): NgramState([(3, 0.5)], 0.25),
        (3,): NgramState([], 0.0),
        (0, 3): NgramState([(2, 0.125)], 0.75, 3.0),
    }
    data = ngram_fst(states)
    at = data.index(b"standard") + len("standard") + 40
    assert struct.unpack_from("<QQQ", data, at) == (4, 4, 2)
    bits = [format(word, "b")[::-1] for word in struct.unpack_from("<QQQ", data, at + 24)]
    # The root of the root; two contexts behind it; none behind (0,); (0, 3) behind (3,); none behind that.
    assert bits[0] == "1011001"  # with one 0 more, and one for (0, 3)
    assert bits[1] == "01101001"
    assert bits[2] == "1001"
    assert struct.unpack_from("<5i", data, at + 48)[:4] == (-1, 0, 3, 0)
    assert struct.unpack_from("<4i", data, at + 68) == (2, 3, 3, 2)
    assert struct.unpack_from("<5f", data, at + 84)[1:4] == (0.25, 0.0, 0.75)
    assert struct.unpack_from("<2f", data, at + 104) == (4.0, 3.0)
    assert struct.unpack_from("<4f", data, at + 112) == (1.0, 2.0, 0.5, 0.125)
