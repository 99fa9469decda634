"""Compiling an operator's own answers into the default model."""

import shutil
from pathlib import Path

import pytest

from voice_faq.errors import FaqError, ModelError
from voice_faq.faq import load_faq
from voice_faq.language.tones import spoken_pinyin
from voice_faq.recognition.graph import building
from voice_faq.recognition.graph.building import build_model, compiled_models, drift, outdated, unheard_words
from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE, read_general, write_general
from voice_faq.recognition.graph.language_model import build_language_model, lexicon_pronunciations
from voice_faq.recognition.model_folder import COMPILED_FOLDER, check_model, compiled_folder, find_model
from voice_faq.settings import Settings

FIRST_WORDING = "    wordings:\n"
NEW_WORDING = "这张卡能在磁悬浮上刷VIP吗"


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Settings:
    """Settings of an operator who has added a wording."""
    answers = Path(shutil.copytree(settings.answers, tmp_path / "answers"))
    file = answers / "faq.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(FIRST_WORDING, f"{FIRST_WORDING}      - {NEW_WORDING}\n", 1), encoding="utf-8")
    return Settings(answers=answers, models_dir=tmp_path / "models")


def words_of(model: Path) -> set[str]:
    return {line.split(" ")[0] for line in (model / "graph/words.txt").read_text(encoding="utf-8").splitlines()}


def test_new_wordings_are_compiled_into_a_copy_that_is_found_from_then_on(own: Settings) -> None:
    shipped = find_model(own)
    faq = load_faq(own.answers)
    assert "voice-faq models build" in (drift(shipped, faq, own.answers) or "")
    assert unheard_words(shipped, faq)["vip"] == NEW_WORDING

    built = build_model(own)

    assert find_model(own) == built != shipped
    assert check_model(built) == []
    assert "vip" in words_of(built) and "vip" not in words_of(shipped)
    assert drift(built, faq, own.answers) is None
    assert "vip" not in unheard_words(built, faq)
    assert [p.name for p in own.models_dir.iterdir()] == [COMPILED_FOLDER]
    assert outdated(built, own) is None and outdated(shipped, own) is None


def test_every_faq_keeps_a_model_of_its_own(own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quickly(answers: Path, model: Path) -> None:
        """The graph stays as it is; which FAQ it was made for is all that counts here."""
        (model / "made-for.txt").write_text(load_faq(answers).title, encoding="utf-8")

    monkeypatch.setattr(building, "compile_graph", quickly)
    other = own.model_copy(update={"answers": Path(shutil.copytree(own.answers, tmp_path / "other/answers"))})
    file = other.answers / "faq.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("title: Apple Pay", "title: 图书馆", 1), encoding="utf-8")
    models = [build_model(own), build_model(other)]
    assert [find_model(own), find_model(other)] == models
    told = [(model / "made-for.txt").read_text(encoding="utf-8") for model in models]
    assert "图书馆" not in told[0] and "图书馆" in told[1]
    assert sorted(answers for _, answers in compiled_models(own)) == sorted([own.answers, other.answers])
    somewhere = own.model_copy(update={"answers": tmp_path / "third"})
    assert "compiled" not in str(find_model(somewhere))
    assert build_model(own) == models[0]  # in the place of the one before
    assert [p.name for p in own.models_dir.iterdir()] == [COMPILED_FOLDER]


def test_a_build_from_an_older_model_is_told(own: Settings) -> None:
    built = compiled_folder(own) / "voice-faq-cn"
    shutil.copytree(find_model(own), built)
    acoustic = built / "am/final.mdl"
    acoustic.write_bytes(acoustic.read_bytes()[:-1])
    assert "voice-faq models build" in (outdated(find_model(own), own) or "")


def test_the_shipped_graph_is_that_of_the_shipped_answers(settings: Settings) -> None:
    assert drift(find_model(settings), load_faq(settings.answers), settings.answers) is None


def test_a_mistake_in_the_answers_leaves_the_old_model_alone(own: Settings) -> None:
    file = own.answers / "faq.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("id: fees", "id: Fees Free"), encoding="utf-8")
    with pytest.raises(FaqError, match=r"faq\.yaml:\d+"):
        build_model(own)
    assert list(own.models_dir.iterdir()) == []


def test_an_official_model_needs_no_build(own: Settings, tmp_path: Path) -> None:
    official = Path(shutil.copytree(find_model(own), tmp_path / "vosk-model-small-cn-0.22"))
    (official / GENERAL_FILE).unlink()
    (official / building.COMPILED_FROM).unlink()
    with pytest.raises(ModelError, match="官方模型不用编译"):
        build_model(own.model_copy(update={"model": str(official)}))
    assert drift(official, load_faq(own.answers), own.answers) is None


def test_general_ngrams_survive_a_file_and_a_broken_file_is_named(tmp_path: Path) -> None:
    ngrams = {(): {"今天": 0.5, "天气": 0.25, "</s>": 0.25}, ("<s>", "今天"): {"天气": 0.75}}
    path = tmp_path / GENERAL_FILE
    write_general(ngrams, path)
    assert read_general(path) == ngrams
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ModelError, match=GENERAL_FILE):
        read_general(path)


def test_probabilities_of_every_history_sum_to_one(settings: Settings) -> None:
    model = build_language_model(load_faq(settings.answers), read_general(find_model(settings) / GENERAL_FILE))
    unigrams = model.probabilities[()]
    assert sum(unigrams.values()) == pytest.approx(1)
    for history in [("<s>",), ("怎么",), ("<s>", "怎么"), ("我们",)]:
        row = model.probabilities[history]
        shorter = model.probabilities[history[1:]]
        seen = sum(row.values())
        if len(history) == 1:
            left = sum(p for w, p in shorter.items() if w not in row)
            assert seen + model.backoff[history] * left == pytest.approx(1, abs=0.02)
        assert 0 < seen < 1.001


@pytest.mark.parametrize(
    ("word", "units"),
    [("西安", "x i1 an1"), ("etc", "y i4 t i4 x i1"), ("pay", "p ei4"), ("行", "h ang2")],
)
def test_words_get_the_sounds_that_people_give_them(word: str, units: str) -> None:
    assert tuple(units.split()) in lexicon_pronunciations(word)


@pytest.mark.parametrize(
    ("words", "syllables"),
    [
        ("水果", "shui2 guo3"),
        ("展览馆", "zhan2 lan2 guan3"),
        ("不 去", "bu2 qu4"),
        ("不 好", "bu4 hao3"),
        ("一 次", "yi2 ci4"),
        ("一 张", "yi4 zhang1"),
        ("第一 次", "di4 yi1 ci4"),
        ("一二三", "yi1 er4 san1"),
        ("手表 怎么 刷 不 了", "shou2 biao3 zen3 me5 shua1 bu4 le5"),
    ],
)
def test_tones_change_as_people_change_them(words: str, syllables: str) -> None:
    assert spoken_pinyin(words.split()) == syllables.split()


def test_words_can_be_heard_with_and_without_changed_tones() -> None:
    assert set(lexicon_pronunciations("手表")) == {("sh", "ou3", "b", "iao3"), ("sh", "ou2", "b", "iao3")}
    assert ("b", "u2") in lexicon_pronunciations("不")
