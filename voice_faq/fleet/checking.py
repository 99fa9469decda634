"""Whether a content would work here, before it is used."""

from __future__ import annotations

from pathlib import Path

from voice_faq.errors import VoiceFaqError
from voice_faq.faq import load_faq
from voice_faq.fleet.archive import ContentError
from voice_faq.recognition.model_folder import check_model
from voice_faq.speech.pack import VoicePack, damage_note, pack_folder, pack_names


def check_content(folder: Path) -> None:
    """Load the answers, look at each recording, load the model where there is one; raises ContentError."""
    answers, model = folder / "answers", folder / "model"
    try:
        load_faq(answers)
        for name in pack_names(answers):
            damage = damage_note(VoicePack.read(pack_folder(answers, name)))
            if damage is not None:
                raise ContentError(damage)
    except ContentError:
        raise
    except VoiceFaqError as error:
        # The folder is one that nobody will find again.
        raise ContentError(str(error).replace(f"{folder}/", "")) from None
    problems = check_model(model) if model.is_dir() else []
    if problems:
        raise ContentError("\n".join(map(str, problems)))
