"""Tables of what people read."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe.recordings import COLUMNS, READER_SENTENCES, write_people_street

from voice_faq.errors import InputError
from voice_faq.evaluation import read_labelled
from voice_faq.faq import load_faq
from voice_faq.settings import Settings

MANY = [f"people/many-{number}.flac\t一句话{number}\t-\tmany\tas it is" for number in range(READER_SENTENCES)]
FEW = [
    "people/long.flac\t今天上午开会\t-\tfew\tas it is",
    "people/short.flac\t早上好\t-\tfew\tas it is",
    "people/again.flac\t早上好\t-\tother\tas it is",
]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    table = tmp_path / "people.tsv"
    table.write_text("\n".join([COLUMNS, *MANY, *FEW]) + "\n", encoding="utf-8")
    (tmp_path / "people").mkdir()
    for line in [*MANY, *FEW]:
        (tmp_path / line.split("\t")[0]).touch()
    return table


def test_people_ask_for_their_own_sentences_and_the_rest_is_out_of_scope(
    people: Path, tmp_path: Path, settings: Settings
) -> None:
    write_people_street(people, tmp_path / "street", settings.answers, entries=2)
    entries = load_faq(tmp_path / "street").entries
    assert [entry.question for entry in entries] == ["早上好", "今天上午开会"]
    asked = read_labelled(tmp_path / "street" / "table.tsv", [entry.id for entry in entries])
    assert len(asked) == len(MANY) + len(FEW)
    found = {Path(q.question).stem: q.expected for q in asked if q.expected != "-"}
    assert found == {"again": "sentence-0", "short": "sentence-0", "long": "sentence-1"}


def test_a_street_can_be_one_reader_s(people: Path, tmp_path: Path, settings: Settings) -> None:
    write_people_street(people, tmp_path / "street", settings.answers, entries=5, speaker="many")
    assert [entry.question for entry in load_faq(tmp_path / "street").entries] == [f"一句话{n}" for n in range(5)]
    with pytest.raises(InputError, match="nobody called none"):
        write_people_street(people, tmp_path / "street", settings.answers, speaker="none")
