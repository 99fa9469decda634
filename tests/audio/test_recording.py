from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_faq.audio.level import SILENCE_DBFS, level_dbfs
from voice_faq.audio.recording import Recording, read_recording, write_wav
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


def test_stereo_is_averaged(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", np.stack([TONE, -TONE], 1), 44_100)
    recording = read_recording(tmp_path / "a.wav")
    assert recording.samples.shape == (8000,)
    assert np.abs(recording.samples).max() <= 1


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
    assert level_dbfs(b"") == level_dbfs(bytes(100)) == SILENCE_DBFS
