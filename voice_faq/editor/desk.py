"""What the page works on: the answers folder, and all that is known of it, kept up to date."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from voice_faq.authoring import saving
from voice_faq.authoring.document import FaqDocument
from voice_faq.authoring.folder import AnswersFolder, OutsideChangeError, clean
from voice_faq.authoring.importing import Plan, plan_import
from voice_faq.authoring.naming import Namer
from voice_faq.authoring.notes import NoteTaker, answer_notes, clauses_of, figures_of
from voice_faq.authoring.suggesting import Suggester
from voice_faq.authoring.tables import EXPORT_FORMATS, read_table, write_table
from voice_faq.authoring.unanswered import UnansweredQuestions
from voice_faq.editor.jobs import LAST_RUN_FILE, QUESTIONS_FILE, Job, Jobs
from voice_faq.errors import FaqError, InputError, ModelError, SpeechError
from voice_faq.evaluation import read_labelled
from voice_faq.faq import Entry, Faq, load_faq
from voice_faq.matching import Matcher
from voice_faq.matching.explaining import leads_elsewhere
from voice_faq.matching.opening import open_matcher
from voice_faq.recognition.graph.building import Vocabulary, drift
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import Settings
from voice_faq.speech.choosing import ENGINES
from voice_faq.speech.neural import neural_voices
from voice_faq.speech.pack import VoicePack, pack_folder, pack_names

SECTIONS: Final = ("title", "hotline", "synonyms", "out_of_scope", "pronunciations")
MOST_COPIES_SHOWN: Final = 60


def open_editor(settings: Settings, unanswered: UnansweredQuestions | None = None) -> Desk:
    """Raises FaqError where the answers are not the operator's own; mistakes in them are shown by the page."""
    return Desk(settings, AnswersFolder(settings.answers), unanswered)


class Desk:
    """Each public method with a name in ``ACTIONS`` is one request of the page; threads may call them at once."""

    def __init__(self, settings: Settings, folder: AnswersFolder, unanswered: UnansweredQuestions | None) -> None:
        self.settings = settings
        self.folder = folder
        self.faq: Faq | None = None
        """As it is in the files; None while they have mistakes."""
        self.mistakes = ""
        self.matcher: Matcher | None = None
        """Of the FAQ as it last could be read."""
        self.jobs = Jobs(self._job_ended)
        self._unanswered = unanswered
        self._version = ""
        self._lock = threading.RLock()
        self._learning: threading.Thread | None = None
        self._notes = NoteTaker([], None)
        self._suggester: Suggester | None = None
        self.built = 0
        """How often recordings or models have been made anew."""
        self._refresh()

    # The whole

    def open(self) -> dict[str, Any]:
        """All that the page shows of the folder."""
        self._refresh()
        shown: dict[str, Any] = {
            "folder": str(self.folder.path),
            "version": self._version,
            "mistakes": self.mistakes,
            "learning": self.learning,
            "voices": self.voices(),
            "neural": neural_voices(),
            "formats": EXPORT_FORMATS,
            "languages": ["en"] if "translations" in Entry.model_fields else [],
            "entries": [],
        }
        try:
            document = self.folder.document()
            shown["entries"] = [document.entry(name) for name in document.ids]
            shown["sections"] = {name: document.section(name) for name in SECTIONS}
            shown["prompts"] = self.folder.prompts()
        except FaqError as error:
            shown["mistakes"] = shown["mistakes"] or str(error)
        return shown

    def pulse(self, version: str = "") -> dict[str, Any]:
        """What may have changed while nobody typed."""
        now = self.folder.version
        if now != self._version:
            self._refresh()
        job = self.jobs.current
        return {
            "version": now, "changed": bool(version) and version != now, "learning": self.learning,
            "job": job.as_json() if job is not None else None,
        }  # fmt: skip

    @property
    def learning(self) -> bool:
        """Whether what was saved last is not matched yet."""
        return self._learning is not None and self._learning.is_alive()

    # Entries

    def notes(self, entry: str, field: str, text: str) -> dict[str, Any]:
        """For one field as it is typed."""
        if field in ("question", "wordings"):
            return {"notes": [{"kind": k, "text": t} for k, t in self._notes.of_wording(entry, text, self.matcher)]}
        if field == "answer":
            pronunciations = self.faq.pronunciations if self.faq is not None else {}
            return {
                "notes": [{"kind": "advice", "text": told} for told in answer_notes(text)],
                "figures": figures_of(text),
                "clauses": clauses_of(text, pronunciations),
            }
        return {"notes": []}

    def entry_notes(self, fields: dict[str, Any]) -> dict[str, Any]:
        """For a whole entry, as it stands in the page."""
        taken = self._notes.of_entry(clean(fields), self.matcher)
        return {"notes": [asdict(note) for note in taken]}

    def save_entry(self, entry: str, base: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
        """Raises OutsideChangeError, and FaqError that lists the mistakes."""
        changed = clean(fields)
        self._require_no_mistakes({**base, **changed})
        self.folder.save_entry(entry, base, changed)
        return self._entry_saved(entry)

    def add_entry(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Its id is made from the question."""
        new = clean(fields)
        new["id"] = Namer(self.folder.document().ids)(str(new.get("question") or ""))
        self._require_no_mistakes(new)
        self.folder.add_entry({k: v for k, v in new.items() if v is not None})
        return self._entry_saved(str(new["id"]))

    def delete_entry(self, entry: str, base: dict[str, Any]) -> dict[str, Any]:
        """Undo brings it back."""
        self.folder.delete_entry(entry, base)
        self._refresh()
        return {"version": self._version}

    def suggestions(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Wordings that the entry may lack."""
        if self._suggester is None:
            document = self.folder.document()
            entries = [document.entry(name) for name in document.ids]
            self._suggester = Suggester(entries, document.section("synonyms") or [])
        entry = clean(fields)
        matcher = self.matcher

        def fits(wording: str) -> bool:
            if matcher is None:
                return True
            return leads_elsewhere(matcher, wording, str(entry.get("id")), matcher.probabilities(wording)) is None

        return {"wordings": self._suggester(entry, fits)}

    # What stands outside the entries

    def save_section(self, name: str, base: Any, value: Any) -> dict[str, Any]:
        """One of SECTIONS; raises OutsideChangeError, and FaqError where the FAQ could not be read afterwards."""
        if name not in SECTIONS:
            raise InputError(f"没有叫 {name} 的项目。")
        self.folder.save_section(name, base, value or None)
        return self._saved_or_taken_back()

    def save_prompts(self, base: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        """What the machine itself says."""
        self.folder.save_prompts(base, {str(k): str(v) for k, v in changed.items() if str(v).strip()})
        return self._saved_or_taken_back()

    def pronounce(self, word: str, pinyin: str) -> dict[str, Any]:
        """A reading put right, or with empty ``pinyin`` left to the dictionary again."""
        base = self.folder.document().section("pronunciations")
        readings = {k: v for k, v in (base or {}).items() if k != word}
        if pinyin.strip():
            readings[word.strip()] = " ".join(pinyin.split())
        return self.save_section("pronunciations", base, readings)

    # As it was

    def history(self) -> dict[str, Any]:
        """Dated copies."""
        copies = saving.copies(self.folder.path)[:MOST_COPIES_SHOWN]
        return {
            "copies": [
                {"name": c.path.name, "file": c.file, "made": f"{c.made:%Y-%m-%d %H:%M:%S}", "before": c.before}
                for c in copies
            ]
        }

    def restore(self, name: str) -> dict[str, Any]:
        """What is there now becomes a copy too."""
        self.folder.restore(name)
        self._refresh()
        return {"version": self._version, "mistakes": self.mistakes}

    # In and out

    def preview_import(self, name: str, content: bytes, exact: bool) -> dict[str, Any]:
        """What a table would change, and ``plan``, by which ``apply_import`` knows what was looked at."""
        self._require_readable()
        return _told(plan_import(self.folder.document(), read_table(name, content), exact=exact))

    def apply_import(self, name: str, content: bytes, exact: bool, plan: str) -> dict[str, Any]:
        """Do what ``preview_import`` told; raises OutsideChangeError where the table would do something else by now."""
        self._require_readable()
        table = read_table(name, content)

        def planned(document: FaqDocument) -> FaqDocument:
            now = plan_import(document, table, exact=exact)
            if _told(now)["plan"] != plan:
                raise OutsideChangeError("答案文件或表格刚才变了，还什么都没有导入。请再看一遍会改什么，再导入。", None)
            return now.applied(document)

        self.folder.change("导入表格", planned)
        self._refresh()
        return {"version": self._version, "mistakes": self.mistakes}

    def export(self, kind: str) -> bytes:
        """All entries as a file."""
        document = self.folder.document()
        entries = [document.entry(name) for name in document.ids]
        return write_table(kind, entries, document.section("out_of_scope") or [], document.content)

    # Questions that nobody could answer, and those to be tried

    def unanswered(self) -> dict[str, Any]:
        """None where nothing is kept."""
        if self._unanswered is None:
            return {"questions": None}
        return {"questions": [asdict(question) for question in self._unanswered.questions()]}

    def forget_unanswered(self, text: str) -> dict[str, Any]:
        """It is off the list."""
        if self._unanswered is not None:
            self._unanswered.forget(text)
        return self.unanswered()

    def evaluation(self) -> dict[str, Any]:
        """The table that is kept with the FAQ, and how it went last time."""
        file = self.folder.path / QUESTIONS_FILE
        content = saving.read_bytes(file)
        rows = []
        if content is not None:
            ids = self.folder.document().ids
            lines = content.decode("utf-8-sig", "replace").splitlines()
            rows = [[*line.split("\t"), "", ""][:2] for line in lines if line.strip()]
            rows = [row for row in rows if row != ["question", "expected"]]
            rows = [[q, e if e in ids or e == "-" else ""] for q, e in rows]
        last = saving.read_bytes(self.folder.path / LAST_RUN_FILE)
        return {
            "rows": rows, "version": saving.version_of(content), "last": json.loads(last) if last is not None else None
        }  # fmt: skip

    def save_evaluation(self, version: str, rows: list[list[str]]) -> dict[str, Any]:
        """Raises OutsideChangeError."""
        lines = ["question\texpected", *(f"{' '.join(q.split())}\t{e}" for q, e in rows if q.strip() and e)]
        content = ("\n".join(lines) + "\n").encode("utf-8")
        self.folder.save_beside(QUESTIONS_FILE, version, content, "改考题")
        return {"version": saving.version_of(content)}

    def start_job(self, kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """``voice`` with pack, engine and voice; ``model``; ``evaluation``."""
        self._require_readable()
        if kind == "voice":
            pack = str(arguments.get("pack") or "")
            try:
                pack_folder(self.folder.path, pack)
            except SpeechError:
                raise InputError("请给声音起一个名字，例如 ours。") from None
            engine = str(arguments.get("engine"))
            if engine not in ENGINES:
                raise InputError("请选用什么录。")
            allowed = {"pack": pack, "engine": engine, "voice": arguments.get("voice") or None}
        elif kind == "model":
            allowed = {"model": self.settings.model}
        else:
            allowed = {}
            questions = self.folder.path / QUESTIONS_FILE
            read_labelled(questions, [e.id for e in self._require_readable().entries])
        return self.jobs.start(kind, {"answers": str(self.folder.path.absolute()), **allowed}).as_json()

    def stop_job(self) -> dict[str, Any]:
        """What it has done by then is kept where it can be, or nothing is."""
        self.jobs.stop()
        return {}

    def voices(self) -> list[dict[str, Any]]:
        """Recorded voices of the folder."""
        found = []
        for name in pack_names(self.folder.path):
            try:
                pack = VoicePack.read(pack_folder(self.folder.path, name))
            except SpeechError:
                continue
            found.append({"name": name, "voice": pack.voice, "engine": pack.engine, "clauses": len(pack.clauses)})
        return found

    def close(self) -> None:
        """End what runs."""
        self.jobs.stop()

    def _entry_saved(self, entry: str) -> dict[str, Any]:
        """A saved entry is known at once; matching learns it in the background."""
        now = self.folder.document().entry(entry)
        self._notes.update(entry, now)
        self._refresh(notes=False)
        return {"entry": now, "version": self._version}

    def _saved_or_taken_back(self) -> dict[str, Any]:
        self._refresh()
        if self.faq is None:
            told = self.mistakes
            self.folder.restore(saving.copies(self.folder.path)[0].path.name)
            self._refresh()
            raise FaqError(told)
        return {"version": self._version}

    def _require_no_mistakes(self, fields: Mapping[str, Any]) -> None:
        told = [note.text for note in self._notes.of_entry(fields) if note.kind == "mistake"]
        if told:
            raise FaqError("\n".join(dict.fromkeys(told)))

    def _require_readable(self) -> Faq:
        self._refresh()
        if self.faq is None:
            raise FaqError(self.mistakes)
        return self.faq

    def _refresh(self, *, notes: bool = True) -> None:
        """Read what has changed since the last time."""
        with self._lock:
            version = self.folder.version
            if version == self._version:
                return
            self._version = version
            self._suggester = None
            try:
                self.faq, self.mistakes = load_faq(self.folder.path), ""
                if notes:
                    document = self.folder.document()
                    self._notes = NoteTaker(map(document.entry, document.ids), self._vocabulary())
            except FaqError as error:
                self.faq, self.mistakes = None, str(error)
                return
            if not self.learning:
                self._learning = threading.Thread(target=self._learn, daemon=True, name="learning")
                self._learning.start()

    def _learn(self) -> None:
        """Fit matching to the FAQ, again while it has changed meanwhile."""
        while (faq := self.faq) is not None:
            self.matcher = open_matcher(self.settings, faq)
            if faq is self.faq:
                return

    def _vocabulary(self) -> Vocabulary | None:
        try:
            return Vocabulary(find_model(self.settings))
        except ModelError:
            return None

    def model_note(self) -> dict[str, Any]:
        """Whether the answers are in the model."""
        if self.faq is None:
            return {"note": None}
        try:
            return {"note": drift(find_model(self.settings), self.faq, self.folder.path)}
        except ModelError as error:
            return {"note": str(error)}

    def _job_ended(self, job: Job) -> None:
        self.built += 1
        if job.kind == "model" and job.state == "done":
            self._version = ""
        elif job.kind == "evaluation" and job.state == "done":
            before = saving.read_bytes(self.folder.path / LAST_RUN_FILE)
            job.result["before"] = json.loads(before) if before is not None else None
            kept = {"figures": job.result["figures"], "rows": job.result["rows"]}
            saving.write_whole(self.folder.path / LAST_RUN_FILE, json.dumps(kept, ensure_ascii=False).encode())


def _told(plan: Plan) -> dict[str, Any]:
    told: dict[str, Any] = {
        "told": plan.told,
        "remarks": plan.remarks,
        "nothing": plan.changes_nothing,
        "rows": [
            {"kind": c.kind, "where": c.where, "question": c.question, "told": list(c.told)}
            for c in plan.changes
            if c.kind != "same" or c.told
        ],
    }
    return told | {"plan": saving.version_of(json.dumps(told, ensure_ascii=False).encode())}
