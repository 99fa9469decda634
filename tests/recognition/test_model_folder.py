import shutil
from pathlib import Path

import pytest

from voice_faq.errors import ModelError
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.model_folder import check_files, check_model, find_model, model_rate
from voice_faq.settings import Settings, load_settings


@pytest.fixture
def model(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the default model that a test may spoil."""
    return Path(shutil.copytree(find_model(settings), tmp_path / "model"))


def test_the_default_model_is_sound(settings: Settings) -> None:
    folder = find_model(settings)
    assert check_model(folder) == []
    assert model_rate(folder) == 16_000


def test_the_default_model_is_small_and_has_a_card(settings: Settings) -> None:
    folder = find_model(settings)
    assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) < 32 * 2**20
    card = (folder.parent / "README.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("CC-BY-SA", "AISHELL-1", "Kokoro-82M", "Yue Tan", "Chen Wang"))


@pytest.mark.parametrize(
    "name",
    ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int", "graph/words.txt"],
)
def test_a_missing_file_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(ModelError, match=f"{name}：缺少这个文件"):
        VoskRecognizer(model)


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/HCLr.fst"])
def test_a_file_of_other_content_is_named(model: Path, name: str) -> None:
    (model / name).write_bytes(b"<html>not found</html>")
    with pytest.raises(ModelError, match=f"{name}：文件内容不对"):
        VoskRecognizer(model)


def test_an_empty_file_is_named(model: Path) -> None:
    (model / "graph/words.txt").write_bytes(b"")
    assert [str(p) for p in check_files(model)] == ["graph/words.txt：文件是空的。请重新安装模型。"]


def test_a_bad_option_is_named_with_its_line(model: Path) -> None:
    config = model / "conf/mfcc.conf"
    options = config.read_text()
    config.write_text(options + "sample-frequency 16000\n")
    (problem,) = check_files(model)
    assert problem.file == f"conf/mfcc.conf:{len(options.splitlines()) + 1}"


@pytest.mark.recognition
def test_a_truncated_file_is_found_by_a_trial_load(model: Path) -> None:
    acoustic = model / "am/final.mdl"
    acoustic.write_bytes(acoustic.read_bytes()[:100_000])
    assert check_files(model) == []
    (problem,) = check_model(model)
    assert "Vosk 加载不了" in str(problem)


def test_no_folder_a_file_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "model.zip").write_bytes(b"PK")
    assert "不存在" in str(check_files(tmp_path / "none")[0])
    assert "不是文件夹" in str(check_files(tmp_path / "model.zip")[0])
    assert "是空的" in str(check_files(tmp_path / "empty")[0])


def test_an_unknown_model_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"找不到语音模型 nix.*models list"):
        find_model(load_settings(model="nix", models_dir=tmp_path))


def test_an_operators_folder_comes_before_the_default(tmp_path: Path, model: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    model.rename(own / "voice-faq-cn")
    assert find_model(load_settings(models_dir=own)) == own / "voice-faq-cn"


def test_the_layout_of_the_official_small_model_is_accepted(model: Path) -> None:
    """It has its words in Gr.fst instead of words.txt, and i-vectors."""
    (model / "graph/words.txt").unlink()
    assert [problem.file for problem in check_files(model)] == ["graph/words.txt"]
    grammar = bytearray((model / "graph/Gr.fst").read_bytes())
    kind_and_arc = len("ngram") + len("standard")
    grammar[16 + kind_and_arc] |= 2  # its output symbols are in it
    (model / "graph/Gr.fst").write_bytes(grammar)
    assert check_files(model) == []
    (model / "ivector").mkdir()
    missing = {p.file for p in check_files(model)}
    assert "ivector/final.ie" in missing
