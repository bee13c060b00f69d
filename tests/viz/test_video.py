"""MP4: frames go to ffmpeg, and whatever is wrong with it or with the file is one clear line."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType

import pytest

from viz.__main__ import main

TIMES = ["--from", "10", "--to", "20", "--speed", "10", "--fps", "10", "--size", "401x241"]


class Ffmpeg(ModuleType):
    """Takes frames as imageio-ffmpeg does; fails as it does."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__("imageio_ffmpeg")
        self.frames: list[int] = []
        self.failure = failure

    def get_ffmpeg_exe(self) -> str:
        if isinstance(self.failure, RuntimeError):
            raise self.failure
        return "ffmpeg"

    def write_frames(
        self, path: str, size: tuple[int, int], **how: object
    ) -> Generator[None, bytes, None]:
        self.size = size
        while True:
            frame = yield
            if self.failure is not None:
                raise self.failure
            self.frames.append(len(frame))


def test_frames_of_an_even_size_go_to_ffmpeg(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as the stretch takes; video wants even sides."""
    ffmpeg = Ffmpeg()
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", ffmpeg)
    out = tmp_path / "x.mp4"
    out.write_bytes(b"older")  # what stands there is ffmpeg's to replace
    assert main([str(run_folder), "--out", str(out), *TIMES]) == 0
    assert ffmpeg.size == (400, 240)
    assert ffmpeg.frames == [400 * 240 * 3] * 11


@pytest.mark.parametrize(
    ("ffmpeg", "said"),
    [
        (None, "needs the extra `mp4` (uv sync --extra mp4)"),
        (Ffmpeg(RuntimeError("No ffmpeg exe could be found.")), "needs ffmpeg, which is not here"),
        (
            Ffmpeg(OSError("broken pipe\n\nFFMPEG COMMAND:\nffmpeg -y\n\nFFMPEG STDERR OUTPUT:\n"
                           "[out] no space left\n")),
            "ffmpeg could not write it ([out] no space left)",
        ),
        (Ffmpeg(OSError("pipe\n\nFFMPEG STDERR OUTPUT:\n\n")), "it gave no reason"),
    ],
)  # fmt: skip
def test_what_ffmpeg_cannot_do_is_one_line(
    run_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ffmpeg: Ffmpeg | None,
    said: str,
) -> None:
    """No extra, no ffmpeg, no room: code 2."""
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", ffmpeg)
    assert main([str(run_folder), "--out", str(tmp_path / "x.mp4"), *TIMES]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", ["x.png", "x.gif", "x.mp4"])
def test_a_file_that_cannot_be_written_is_refused_first(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A folder has that name: one line, code 2, and nothing was drawn."""
    (tmp_path / name).mkdir()
    assert main([str(run_folder), "--out", str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    assert "cannot be written" in error
    assert error.count("\n") == 1


def test_a_real_video_has_its_frames(run_folder: Path, tmp_path: Path) -> None:
    """Where the extra is installed, ffmpeg reads back what it wrote."""
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    out = tmp_path / "x.mp4"
    assert main([str(run_folder), "--out", str(out), *TIMES]) == 0
    frames = ffmpeg.read_frames(str(out))
    assert next(frames)["size"] == (400, 240)
    assert len(list(frames)) == 11
