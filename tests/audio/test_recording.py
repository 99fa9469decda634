from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_faq.audio.level import DIGITAL_SILENCE_DBFS, level_dbfs, quiet_note
from voice_faq.audio.recording import Recording, read_recording, recording_in, write_wav
from voice_faq.errors import AudioError

TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16_000)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.wav", "PCM_16"), ("a.wav", "FLOAT"), ("a.wav", "PCM_24"), ("a.flac", "PCM_16"), ("a.ogg", "VORBIS")],
)
def test_formats_are_read(tmp_path: Path, name: str, subtype: str) -> None:
    sf.write(tmp_path / name, TONE, 16_000, subtype=subtype)
    recording = read_recording(tmp_path / name)
    assert (recording.rate, recording.samples.dtype) == (16_000, np.int16)
    assert recording.seconds == pytest.approx(0.5, abs=0.01)
    assert np.abs(recording.samples).max() == pytest.approx(16_384, rel=0.05)


@pytest.mark.parametrize(
    ("channels", "loudest"),
    [
        ((TONE, TONE), 1.0),
        ((TONE, 0 * TONE), 0.5),
        ((TONE, -TONE), 1.0),  # wired the wrong way round
        ((0.9 * TONE, -TONE), 1.0),
        ((0 * TONE,) * 7 + (TONE,), 1.0),
        ((0 * TONE, 0 * TONE), 0.0),
    ],
)
def test_several_channels_are_averaged_unless_they_cancel_each_other(
    tmp_path: Path, channels: tuple[np.ndarray, ...], loudest: float
) -> None:
    sf.write(tmp_path / "a.wav", np.stack(channels, 1), 44_100)
    recording = read_recording(tmp_path / "a.wav")
    assert recording.samples.shape == (8000,)
    assert np.abs(recording.samples).max() == pytest.approx(loudest * 16_384, abs=2)


@pytest.mark.filterwarnings("error::RuntimeWarning")  # numpy's of overflows and of what is no number
@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf, 1e38, -1e38])
def test_samples_that_are_no_sound_do_no_harm(tmp_path: Path, strange: float) -> None:
    mono = TONE.copy()
    mono[9] = strange
    for channels in ([mono], [TONE, mono], [TONE, np.full_like(TONE, strange)]):
        sf.write(tmp_path / "a.wav", np.stack(channels, 1), 16_000, "FLOAT")
        assert np.abs(read_recording(tmp_path / "a.wav").samples.astype(int)).max() > 1_000


def test_a_line_is_a_recording_by_its_name_or_because_the_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here/a.wav", "here/plain", "there/b.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path / "there")
    here = tmp_path / "here"
    assert recording_in("a.wav", here) == here / "a.wav"
    assert recording_in("./plain", here) == here / "plain"
    assert recording_in("b.wav", here) == Path("b.wav")  # only in the current folder
    assert recording_in("c.WAV", here) == here / "c.WAV"
    assert recording_in(str(here / "plain"), tmp_path) == here / "plain"
    for question in (
        "plain",
        "怎么退卡",
        "WiFi/5G 要付钱吗",
        "怎么" * 3_000,
        "a/" + "怎么" * 3_000,
        "a\0/b",
        "~nobody/x",
        "",
    ):
        assert recording_in(question, here) is None


def test_quiet_recordings_are_told_and_others_are_not() -> None:
    def spoken(amplitude: float) -> Recording:
        return Recording((amplitude * 32767 * TONE).astype(np.int16), 16_000)

    assert quiet_note(spoken(1.0)) is None and quiet_note(spoken(0.05)) is None
    assert "-5" in (quiet_note(spoken(0.005)) or "") and quiet_note(spoken(0.0)) is not None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        ("怎么退卡\n".encode(), "不是能读的录音"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "不是能读的录音"),
    ],
)
def test_broken_files_are_explained(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=said):
        read_recording(path)


def test_no_file_a_folder_and_no_samples_are_told_apart(tmp_path: Path) -> None:
    sf.write(tmp_path / "none.wav", np.zeros(0), 16_000)
    for path, said in (
        (tmp_path / "x.wav", "没有这个文件"),
        (tmp_path, "这是文件夹"),
        (tmp_path / "none.wav", "没有声音数据"),
    ):
        with pytest.raises(AudioError, match=said):
            read_recording(path)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    recording = Recording((TONE * 32767).astype(np.int16), 16_000)
    write_wav(tmp_path / "new/folder/a.wav", recording)
    assert np.array_equal(read_recording(tmp_path / "new/folder/a.wav").samples, recording.samples)
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="写不进去"):
        write_wav(tmp_path / "file/a.wav", recording)


def test_chunks_hold_every_sample_once() -> None:
    recording = Recording(np.arange(10_001, dtype=np.int16), 16_000)
    assert b"".join(recording.chunks()) == recording.samples.tobytes()


def test_levels() -> None:
    full = (np.sin(np.linspace(0, 200, 16_000)) * 32767).astype("<i2").tobytes()
    assert level_dbfs(full) == pytest.approx(-3, abs=0.1)
    assert level_dbfs(b"") == level_dbfs(bytes(100)) == DIGITAL_SILENCE_DBFS
