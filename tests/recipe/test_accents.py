import random

import pytest
from recipe.accents import ACCENTS, random_accent, with_accent

from voice_faq.recognition.graph.units import syllable_units


@pytest.mark.parametrize(
    ("accent", "standard", "said"),
    [
        ("flat", "shi4", "si4"),
        ("flat", "zhang1", "zang1"),
        ("flat", "jia1", "jia1"),
        ("ing-in", "jing1", "jin1"),
        ("eng-en", "deng3", "den3"),
        ("in-ing", "qun2", "qun2"),
        ("n-l", "nian2", "lian2"),
        ("n-l", "ang2", "ang2"),
        ("h-f", "hua1", "fa1"),
        ("h-f", "hu1", "hu1"),
    ],
)
def test_an_accent_changes_its_own_sounds_and_keeps_the_tone(accent: str, standard: str, said: str) -> None:
    assert with_accent(standard, (accent,)) == said


def test_most_speakers_have_no_accent_and_every_accent_occurs() -> None:
    speakers = [random_accent(random.Random(i)) for i in range(2_000)]
    assert 0.55 < sum(not accent for accent in speakers) / len(speakers) < 0.75
    assert {name for accent in speakers for name in accent} == set(ACCENTS)


def test_what_is_labelled_stays_the_dictionarys() -> None:
    pytest.importorskip("misaki")
    from recipe.synthesize import _pieces

    standard, accented = list(_pieces("是", ())), list(_pieces("是", ("flat",)))
    assert [units for _, units in accented] == [units for _, units in standard]
    assert tuple(u for _, units in accented for u in units) == syllable_units("shi4")
    assert [said for said, _ in accented] != [said for said, _ in standard]
