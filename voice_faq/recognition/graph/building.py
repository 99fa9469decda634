"""``models build``: the operator's answers compiled into a copy of the default model, put in place at once.

Each answers folder has a copy of its own in the operator's model folder, which is found before the model that comes
with voice-faq.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from voice_faq.advice import command
from voice_faq.data import data_root
from voice_faq.errors import ModelError, reason
from voice_faq.faq import Faq, load_faq
from voice_faq.files import swap_folder, workspace, write_whole
from voice_faq.language.normalizing import normalize
from voice_faq.language.words import Segmenter
from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE
from voice_faq.recognition.model_folder import (
    ACOUSTIC_MODEL,
    COMPILED_FOLDER,
    WORD_LIST,
    check_model,
    compiled_folder,
    find_model,
)
from voice_faq.settings import Settings

ANSWERS_NAMED: Final = "answers.txt"
"""Beside a compiled model: whose it is."""
COMPILED_FROM: Final = "graph/compiled-from.json"
BUILD_TIMEOUT_S: Final = 600.0


def answers_fingerprint(faq: Faq) -> str:
    """Digest of all texts that the graph is compiled from."""
    texts = [faq.hotline, faq.out_of_scope, [[*entry.all_wordings, entry.answer, entry.shown] for entry in faq.entries]]
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


def compile_graph(answers: Path, model: Path) -> None:
    """Write the graph of the FAQ in ``answers`` into the folder ``model``, which holds the general n-grams.

    Another process does it, so that a recogniser in this one keeps its time and its memory. Raises FaqError for
    mistakes in the answers, ModelError when the compiler fails.
    """
    faq = load_faq(answers)
    command = [sys.executable, "-m", __package__, str(answers), str(model / GENERAL_FILE), str(model / "graph")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise ModelError(f"编译超过了 {BUILD_TIMEOUT_S:.0f} 秒，已停止，原来的模型没有改动。") from None
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"退出码 {done.returncode}"]
        raise ModelError(f"编译失败，原来的模型没有改动：{reason[0]}")
    (model / COMPILED_FROM).write_text(json.dumps({"answers": answers_fingerprint(faq)}) + "\n", encoding="utf-8")


def build_model(settings: Settings) -> Path:
    """The folder of the new model; the old one stays as it was when anything goes wrong.

    Raises FaqError or ModelError.
    """
    source = _shipped(settings) or find_model(settings)
    if not (source / GENERAL_FILE).is_file():
        raise ModelError(f"模型 {source.name} 不能编译：只有自带的 voice-faq-cn 可以。官方模型不用编译，直接使用即可。")
    target = compiled_folder(settings) / source.name
    try:
        with workspace(settings.models_dir, "build") as work:
            fresh = work / source.name
            shutil.copytree(source, fresh)
            compile_graph(settings.answers, fresh)
            problems = check_model(fresh)
            if problems:
                raise ModelError("编译出来的模型不能用，原来的模型没有改动：" + "；".join(map(str, problems)))
            swap_folder(fresh, target)
            write_whole(target.parent / ANSWERS_NAMED, f"{settings.answers.resolve()}\n".encode())
    except OSError as error:
        raise ModelError(f"{settings.models_dir}：写不进去（{reason(error)}）。请检查权限和剩余空间。") from None
    return target


def _shipped(settings: Settings) -> Path | None:
    """The model of this name that comes with voice-faq, so that a build never starts from an older build."""
    shipped = data_root() / "models" / settings.model
    return shipped if (shipped / GENERAL_FILE).is_file() else None


def outdated(model: Path, settings: Settings) -> str | None:
    """A sentence when ``model`` was built from an older model than the one that comes with voice-faq."""
    shipped = _shipped(settings)
    if shipped is None or shipped == model:
        return None
    if filecmp.cmp(shipped / ACOUSTIC_MODEL, model / ACOUSTIC_MODEL, shallow=False):
        return None
    return f"自带的模型更新了，而 {model} 是用旧的编译的。请重新运行：{_build_command(settings.answers)}"


def is_compiled_from(model: Path, faq: Faq) -> bool:
    """Whether the graph was compiled from just these answers."""
    record = model / COMPILED_FROM
    if not record.is_file():
        return False
    return bool(json.loads(record.read_text(encoding="utf-8")).get("answers") == answers_fingerprint(faq))


def drift(model: Path, faq: Faq, answers: Path) -> str | None:
    """A sentence when the graph was compiled from other answers; None when it is current or has no FAQ in it."""
    if not (model / COMPILED_FROM).is_file() or is_compiled_from(model, faq):
        return None
    build = _build_command(answers)
    return f"语音模型里编译的不是现在的答案：新的问法能匹配，但可能听不准。请运行：{build}"


def _build_command(answers: Path) -> str:
    return command("models", "build", answers=answers)


def compiled_models(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """(model, answers folder it was compiled for) of all FAQs."""
    for named in sorted((settings.models_dir / COMPILED_FOLDER).glob(f"*/{ANSWERS_NAMED}")):
        answers = Path(named.read_text(encoding="utf-8").strip())
        yield from ((model, answers) for model in sorted(named.parent.iterdir()) if model.is_dir())


def unheard_words(model: Path, faq: Faq) -> dict[str, str]:
    """Words of the wordings that the model cannot recognise, each with one wording that has it."""
    vocabulary = Vocabulary(model)
    unheard: dict[str, str] = {}
    for entry in faq.entries:
        for wording in entry.all_wordings:
            for word in vocabulary.unheard(wording):
                unheard.setdefault(word, wording)
    return unheard


class Vocabulary:
    """The words that a model can recognise; all, where it has no list of them."""

    def __init__(self, model: Path) -> None:
        word_list = model / WORD_LIST
        self._known: set[str] | None = None
        if word_list.is_file():
            self._known = {line.split(" ")[0] for line in word_list.read_text(encoding="utf-8").splitlines()}
        self._cut = Segmenter()

    def unheard(self, text: str) -> list[str]:
        """Words of ``text`` that it cannot recognise; longer ones can be heard in pieces."""
        known = self._known
        if known is None:
            return []
        return [w for w in self._cut(normalize(text)) if w not in known and (w.isascii() or not known.issuperset(w))]
