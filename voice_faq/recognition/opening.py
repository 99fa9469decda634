"""The recogniser that settings ask for, prepared for the FAQ as well as its model allows."""

from __future__ import annotations

from voice_faq.faq import Faq
from voice_faq.recognition.graph.building import is_compiled_from
from voice_faq.recognition.model_folder import find_model, has_runtime_graph
from voice_faq.recognition.recognizer import VoskRecognizer
from voice_faq.settings import Settings


def open_recognizer(settings: Settings, faq: Faq, *, loaded: VoskRecognizer | None = None) -> VoskRecognizer:
    """Load the model, or share that of ``loaded``; raises ModelError that names what is missing or broken.

    Where the FAQ is not in the model's graph (an official model, or answers that were edited since the last
    ``models build``), its wordings become a second decoding.
    """
    folder = find_model(settings) if loaded is None else loaded.folder
    wordings: list[str] = []
    if has_runtime_graph(folder) and not is_compiled_from(folder, faq):
        wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    return VoskRecognizer(
        folder, alternatives=settings.alternatives, wordings=wordings, cache=settings.cache_dir, loaded=loaded
    )
