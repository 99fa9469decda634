"""An operator's answers folder: read, changed by one program at a time, and taken back to what it was."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from voice_faq.authoring import saving, yaml_text
from voice_faq.authoring.document import FIELDS, FaqDocument
from voice_faq.authoring.yaml_text import NotEditable, Value
from voice_faq.data import require_own_answers
from voice_faq.errors import FaqError
from voice_faq.faq.opening import FAQ_FILE, PROMPTS_FILE


class OutsideChangeError(FaqError):
    """What was to be changed has been changed by somebody else since it was read."""

    def __init__(self, message: str, now: Mapping[str, Value] | None) -> None:
        """``now``: the entry as it is; None where it is gone."""
        super().__init__(message)
        self.now = now


class AnswersFolder:
    """Reads and writes ``faq.yaml`` and what lies beside it; may be shared by threads."""

    def __init__(self, path: Path) -> None:
        """Raises FaqError for a folder that is not there, or is not the operator's own."""
        if not path.is_dir():
            start = shlex.join(["voice-faq", "init", str(path)])
            raise FaqError(f"{path}：没有这个文件夹。要新建一个，请运行：{start}")
        require_own_answers(path)
        self.path = path
        self._read: tuple[str, FaqDocument] | None = None
        self._reading = threading.Lock()

    @property
    def version(self) -> str:
        """Changes with either file."""
        contents = (saving.read_bytes(self.path / name) for name in (FAQ_FILE, PROMPTS_FILE))
        return "-".join(saving.version_of(content) for content in contents)

    def document(self) -> FaqDocument:
        """``faq.yaml`` as it is now; raises FaqError."""
        file = self.path / FAQ_FILE
        content = saving.read_bytes(file)
        if content is None:
            raise FaqError(f"{file}：找不到这个文件。请把它放回来，或从 {saving.HISTORY_FOLDER} 里恢复。")
        version = saving.version_of(content)
        with self._reading:
            if self._read is None or self._read[0] != version:
                self._read = version, FaqDocument.read(file, content)
            return self._read[1]

    def change(self, what: str, make: Callable[[FaqDocument], FaqDocument]) -> FaqDocument:
        """Put ``make(document)`` in the file's place; ``what`` names the copy of the old one. Raises FaqError."""
        with saving.locked(self.path):
            before = self.document()
            after = make(before)
            if after.text != before.text:
                saving.keep_copy(before.path, what)
                saving.write_whole(before.path, after.content)
                with self._reading:
                    self._read = saving.version_of(after.content), after
        return after

    def save_entry(self, entry_id: str, base: Mapping[str, Value], fields: Mapping[str, Value]) -> FaqDocument:
        """Change the entry that was read as ``base``; or raise OutsideChangeError or FaqError."""

        def save(document: FaqDocument) -> FaqDocument:
            _require_unchanged(document, entry_id, base)
            return document.with_entry(entry_id, fields)

        return self.change(f"改条目 {entry_id}", save)

    def add_entry(self, fields: Mapping[str, Value]) -> FaqDocument:
        """A new one; raises OutsideChangeError where its id is taken by now."""

        def add(document: FaqDocument) -> FaqDocument:
            if fields["id"] in document.ids:
                raise OutsideChangeError(f"已经有代号是 {fields['id']} 的条目了。", document.entry(str(fields["id"])))
            return document.with_new_entry(fields)

        return self.change(f"加条目 {fields['id']}", add)

    def delete_entry(self, entry_id: str, base: Mapping[str, Value]) -> FaqDocument:
        """Raises OutsideChangeError and FaqError."""

        def delete(document: FaqDocument) -> FaqDocument:
            _require_unchanged(document, entry_id, base)
            return document.without_entry(entry_id)

        return self.change(f"删条目 {entry_id}", delete)

    def save_section(self, name: str, base: Value | None, value: Value | None) -> FaqDocument:
        """Change what stands outside the entries; raises OutsideChangeError and FaqError."""

        def save(document: FaqDocument) -> FaqDocument:
            if document.section(name) != base:
                raise OutsideChangeError("这一项刚才被别人改过了。", None)
            return document.with_section(name, value)

        return self.change(f"改 {name}", save)

    def prompts(self) -> dict[str, Value]:
        """``prompts.yaml`` as it is written; raises FaqError."""
        content = saving.read_bytes(self.path / PROMPTS_FILE) or b""
        try:
            root = yaml_text.parse(content.decode("utf-8-sig"))
        except (NotEditable, UnicodeDecodeError) as error:
            why = error if isinstance(error, NotEditable) else "文件不是 UTF-8 编码"
            raise FaqError(f"{self.path / PROMPTS_FILE}：读不了（{why}）。请用文本编辑器改正。") from None
        read = yaml_text.plain(root) if root is not None else {}
        return read if isinstance(read, dict) else {}

    def save_prompts(self, base: Mapping[str, Value], changed: Mapping[str, Value]) -> None:
        """Change what the machine itself says; raises OutsideChangeError and FaqError."""
        file = self.path / PROMPTS_FILE
        with saving.locked(self.path):
            now = self.prompts()
            if any(now.get(name) != base.get(name) for name in changed):
                raise OutsideChangeError("提示语刚才被别人改过了。", now)
            text = (saving.read_bytes(file) or b"").decode("utf-8-sig").replace("\r\n", "\n")
            try:
                written = yaml_text.with_values(text, changed)
            except NotEditable as error:
                raise FaqError(f"{file}：不能自动修改（{error}）。请用文本编辑器改。") from None
            saving.keep_copy(file, "改提示语")
            saving.write_whole(file, written.encode("utf-8"))

    def save_beside(self, name: str, base_version: str, content: bytes, what: str) -> None:
        """Another file of the folder, such as a table; raises OutsideChangeError and FaqError."""
        file = self.path / name
        with saving.locked(self.path):
            if saving.version_of(saving.read_bytes(file)) != base_version:
                raise OutsideChangeError(f"{name} 刚才被别人改过了。", None)
            saving.keep_copy(file, what)
            saving.write_whole(file, content)

    def restore(self, copy_name: str) -> str:
        """Bring a dated copy back; what is there now becomes a copy too. Returns the file's name; raises FaqError."""
        copy = next((c for c in saving.copies(self.path) if c.path.name == copy_name), None)
        if copy is None:
            raise FaqError(f"没有叫 {copy_name} 的备份。")
        content = saving.read_bytes(copy.path)
        assert content is not None
        with saving.locked(self.path):
            saving.keep_copy(self.path / copy.file, f"恢复 {copy.made:%m-%d %H.%M}")
            saving.write_whole(self.path / copy.file, content)
        return copy.file


def clean(fields: Mapping[str, Any]) -> dict[str, Value]:
    """Fields as a person typed them: without spaces around texts, empty ones as None, wordings in one line each."""
    cleaned: dict[str, Value] = {}
    for name in FIELDS:
        if name not in fields:
            continue
        value = fields[name]
        if name == "wordings":
            lines = (" ".join(str(w).split()) for w in value or [])
            cleaned[name] = [line for line in lines if line]
        elif name == "translations":
            by_language = {k: {n: t.strip() for n, t in v.items() if t.strip()} for k, v in (value or {}).items()}
            cleaned[name] = {k: v for k, v in by_language.items() if v} or None
        else:
            text = "\n".join(line.rstrip() for line in str(value or "").strip().splitlines())
            cleaned[name] = text or None
    return cleaned


def _require_unchanged(document: FaqDocument, entry_id: str, base: Mapping[str, Value]) -> None:
    if entry_id not in document.ids:
        raise OutsideChangeError(f"条目 {entry_id} 刚才被别人删掉了。", None)
    now = document.entry(entry_id)
    if {k: v for k, v in now.items() if v} != {k: v for k, v in base.items() if v}:
        raise OutsideChangeError(f"条目 {entry_id} 刚才被别人改过了。", now)
