"""Audio devices through PortAudio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from voice_faq.errors import AudioError

Direction = Literal["input", "output"]

_NAMES = {"input": "麦克风", "output": "扬声器"}


@dataclass(frozen=True)
class Device:
    """A microphone or a loudspeaker, or both in one."""

    index: int
    name: str
    inputs: int
    """Channels; 0 when it cannot record."""
    outputs: int
    """Channels; 0 when it cannot play."""
    rate: int
    """Its own sample rate in Hz."""
    default_input: bool
    default_output: bool


def portaudio() -> Any:
    """The sounddevice module; raises AudioError where PortAudio is not installed."""
    try:
        import sounddevice
    except OSError:
        raise AudioError(
            "没有安装 PortAudio，不能使用麦克风和扬声器。Debian/Ubuntu 请运行：sudo apt-get install libportaudio2"
        ) from None
    return sounddevice


def look_again() -> None:
    """Find devices that were plugged in or came back since; PortAudio lists them only when it starts.

    Every stream must be closed before.
    """
    module = portaudio()
    module._terminate()
    module._initialize()


def list_devices() -> list[Device]:
    """All devices of the system; an empty list when there is no sound card."""
    module = portaudio()
    default_input, default_output = module.default.device
    return [
        Device(
            index=index,
            name=str(found["name"]),
            inputs=int(found["max_input_channels"]),
            outputs=int(found["max_output_channels"]),
            rate=int(found["default_samplerate"]),
            default_input=index == default_input,
            default_output=index == default_output,
        )
        for index, found in enumerate(module.query_devices())
    ]


def choose_device(direction: Direction, wanted: str | None) -> Device:
    """The device by number or part of its name, the system's default for None.

    Raises AudioError that says what there is instead.
    """
    name = _NAMES[direction]
    usable = [d for d in list_devices() if (d.inputs if direction == "input" else d.outputs) > 0]
    if not usable:
        raise AudioError(
            f"没有找到{name}。请插好{name}，确认系统能识别，再运行 voice-faq devices 查看。"
            + ("没有麦克风也可以提问：voice-faq ask 你的问题" if direction == "input" else "")
        )
    if wanted is None:
        for device in usable:
            if device.default_input if direction == "input" else device.default_output:
                return device
        return usable[0]
    for device in usable:
        if wanted == str(device.index):
            return device
    matching = [d for d in usable if wanted.lower() in d.name.lower()]
    if len(matching) == 1 or (matching and matching[0].name == wanted):
        return matching[0]
    known = "；".join(f"{d.index} {d.name}" for d in usable)
    trouble = f"有 {len(matching)} 个名字里有“{wanted}”的{name}" if matching else f"没有叫“{wanted}”的{name}"
    raise AudioError(f"{trouble}。可以用的有：{known}。请用编号或完整的名字指定。")
