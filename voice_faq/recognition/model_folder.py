"""A Vosk model is a folder of Kaldi files; this finds it and says which file is missing or broken.

Vosk itself reports any fault as "Failed to create a model", so every file is looked at before it is loaded.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_faq.data import data_root
from voice_faq.errors import ModelError, reason
from voice_faq.files import expanded
from voice_faq.settings import Settings

DEFAULT_RATE: Final = 16_000  # Hz
LOAD_TIMEOUT_S: Final = 120.0
COMPILED_FOLDER: Final = "compiled"
ACOUSTIC_MODEL: Final = "am/final.mdl"
WORD_LIST: Final = "graph/words.txt"

_FST_MAGIC: Final = (2125659606).to_bytes(4, "little")
_MODEL_STARTS: Final = (b"<TransitionModel>", b"\0B<TransitionModel>")
_STATIC_GRAPH: Final = "graph/HCLG.fst"
_RUNTIME_GRAPH: Final = ("graph/HCLr.fst", "graph/Gr.fst")  # composed while decoding
_DISAMBIGUATION: Final = "graph/disambig_tid.int"
_IVECTOR_FILES: Final = (
    "final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "online_cmvn.conf", "splice.conf",
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One fault of a model folder."""

    file: str
    """Path inside the folder, ``""`` for the folder itself."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}：{self.message}" if self.file else self.message


def model_folders(settings: Settings) -> list[Path]:
    """Folders that hold models: what was compiled for these answers first, then the operator's."""
    return [compiled_folder(settings), settings.models_dir, data_root() / "models"]


def compiled_folder(settings: Settings) -> Path:
    """Where models lie that were compiled for the FAQ in ``settings.answers``: one FAQ never gets that of another."""
    answers = settings.answers.resolve()
    digest = hashlib.sha256(os.fsencode(answers)).hexdigest()[:8]
    return settings.models_dir / COMPILED_FOLDER / f"{answers.name}-{digest}"


def find_model(settings: Settings) -> Path:
    """The folder of the model that settings name.

    Raises ModelError when there is none.
    """
    named = expanded(settings.model)
    candidates = [folder / settings.model for folder in model_folders(settings)]
    if named.is_absolute() or len(named.parts) > 1:
        candidates = [named]
    for folder in candidates:
        if folder.is_dir():
            return folder
    looked = "、".join(str(c) for c in candidates)
    raise ModelError(
        f"找不到语音模型 {settings.model}（找过 {looked}）。"
        "请运行 voice-faq models list 看有哪些模型，或用 --model 指定模型文件夹。"
    )


def check_files(folder: Path) -> list[Problem]:
    """All faults that can be seen without loading the model; an empty list when there is none."""
    if not folder.exists():
        return [Problem("", f"文件夹 {folder} 不存在。请检查路径。")]
    if not folder.is_dir():
        return [
            Problem("", f"{folder} 不是文件夹。请给出解压后的模型文件夹；压缩包请用 voice-faq models install 安装。")
        ]
    if not any(folder.iterdir()):
        return [Problem("", f"文件夹 {folder} 是空的。请重新安装模型。")]
    return list(_file_problems(folder))


def check_model(folder: Path) -> list[Problem]:
    """Faults of the files, and when they look right, whether Vosk can load them.

    The trial load runs in another process: a truncated file can end the process that loads it.
    """
    problems = check_files(folder)
    if problems:
        return problems
    code = "import sys, vosk; vosk.SetLogLevel(-1); vosk.Model(sys.argv[1])"
    try:
        trial = subprocess.run(
            [sys.executable, "-c", code, str(folder)], capture_output=True, timeout=LOAD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return [Problem("", f"模型在 {LOAD_TIMEOUT_S:.0f} 秒内没有加载完。机器内存可能不够，请换一个小一些的模型。")]
    if trial.returncode == 0:
        return []
    lines = [line for line in trial.stderr.decode(errors="replace").splitlines() if "ERROR" in line]
    detail = f"（{lines[0].split(')', 1)[-1].strip()}）" if lines else ""
    return [Problem("", f"文件都在，但 Vosk 加载不了{detail}。文件可能不完整，请重新安装模型。")]


def model_rate(folder: Path) -> int:
    """Sample rate in Hz that the model was trained on, from its ``mfcc.conf``."""
    for name in ("conf/mfcc.conf", "mfcc.conf"):
        path = folder / name
        if path.is_file():
            found = re.search(r"--sample-frequency=(\d+)", path.read_text(encoding="utf-8", errors="replace"))
            if found:
                return int(found.group(1))
    return DEFAULT_RATE


def _file_problems(folder: Path) -> Iterator[Problem]:
    if not (folder / "am").exists() and (folder / "final.mdl").exists():
        # The flat layout of old models; Vosk knows its files better than we do.
        yield from _problems_of_one(folder, "final.mdl", _MODEL_STARTS)
        yield from _problems_of_one(folder, "mfcc.conf")
        return
    yield from _problems_of_one(folder, ACOUSTIC_MODEL, _MODEL_STARTS)
    yield from _config_problems(folder, "conf/mfcc.conf")
    yield from _config_problems(folder, "conf/model.conf", required=False)
    if (folder / _STATIC_GRAPH).exists() or not any((folder / name).exists() for name in _RUNTIME_GRAPH):
        yield from _problems_of_one(folder, _STATIC_GRAPH, (_FST_MAGIC,))
        yield from _word_list_problems(folder, WORD_LIST)
    else:
        for name in _RUNTIME_GRAPH:
            yield from _problems_of_one(folder, name, (_FST_MAGIC,))
        yield from _problems_of_one(folder, _DISAMBIGUATION)
        if (folder / WORD_LIST).exists() or not _holds_words(folder / _RUNTIME_GRAPH[1]):
            yield from _word_list_problems(folder, WORD_LIST)
    if (folder / "ivector").is_dir():
        for name in _IVECTOR_FILES:
            yield from _problems_of_one(folder, f"ivector/{name}")


def has_runtime_graph(folder: Path) -> bool:
    """Whether a grammar can be put in the place of the model's own at run time."""
    return not (folder / _STATIC_GRAPH).exists() and all((folder / name).exists() for name in _RUNTIME_GRAPH)


def _holds_words(grammar: Path) -> bool:
    """Whether an FST carries its own table of words, as those of the official models do (fst.h, FstHeader)."""
    try:
        with grammar.open("rb") as file:
            beginning = file.read(64)
        kind = struct.unpack_from("<i", beginning, 4)[0]
        arc = struct.unpack_from("<i", beginning, 8 + kind)[0]
        flags = struct.unpack_from("<i", beginning, 12 + kind + arc + 4)[0]
    except (OSError, struct.error):
        return True  # a broken file is told of as such
    return bool(flags & 3)


def _problems_of_one(folder: Path, name: str, starts: tuple[bytes, ...] = ()) -> Iterator[Problem]:
    path = folder / name
    if not path.is_file():
        yield Problem(name, "缺少这个文件。请重新安装模型。")
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(32)
    except OSError as error:
        yield Problem(name, f"文件打不开（{reason(error)}）。请检查权限。")
        return
    if not beginning:
        yield Problem(name, "文件是空的。请重新安装模型。")
    elif starts and not beginning.startswith(starts):
        yield Problem(name, "文件内容不对，可能已损坏。请重新安装模型。")


def _config_problems(folder: Path, name: str, *, required: bool = True) -> Iterator[Problem]:
    path = folder / name
    if not required and not path.exists():
        return
    problems = list(_problems_of_one(folder, name))
    if problems:
        yield from problems
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        option = line.split("#")[0].strip()
        if option and not option.startswith("--"):
            yield Problem(f"{name}:{number}", f"“{option}”不是“--名称=值”的形式。请改正，或重新安装模型。")


def _word_list_problems(folder: Path, name: str) -> Iterator[Problem]:
    problems = list(_problems_of_one(folder, name))
    if problems:
        yield from problems
        return
    with (folder / name).open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            parts = line.split()
            if len(parts) != 2 or not parts[1].isdigit():
                yield Problem(f"{name}:{number}", "这一行不是“词 编号”的形式。请重新安装模型。")
                return
