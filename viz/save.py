"""Pictures and moving pictures without a window."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.source import Source, SourceError
from viz.view import FLOOR, View

if TYPE_CHECKING:
    from viz.draw import Picture

ENDINGS = (".png", ".gif", ".mp4")
COLOURS = 64  # of a GIF
WHOLE = (1920, 1080)  # pixels up to which type has its usual size


def save(
    source: Source,
    view: View,
    out: Path,
    *,
    size: tuple[int, int],
    at: float | None,
    first: float | None,
    last: float | None,
    frames_per_second: int,
    speed: float,
    unit: float | None = None,
    select: str | None = None,
    zoom: float | None = None,
    city_zoom: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a picture (.png) or a moving picture (.gif, .mp4); return how many frames it has.

    Parameters
    ----------
    at
        The moment of a still, in ticks; None: the last one.
    first, last
        The stretch of a moving picture, in ticks; None: the run's own ends.
    speed
        Simulated seconds per second of a moving picture.
    unit
        Pixels per design pixel, which type and marks grow with; None: as the size asks for.
    select
        What is selected, as one would type it into the window's search.
    zoom
        Pixels per cell of the floor, about what is selected.
    city_zoom
        How many times as near as the whole city, about what is selected or the depot.

    Raises
    ------
    SourceError
        If the ending is unknown, the stretch is empty or the file cannot be written.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    from viz.draw import Picture

    if out.suffix.lower() not in ENDINGS:
        raise SourceError(f"{out}: cannot write {out.suffix!r}; end it in .png, .gif or .mp4")
    if not out.parent.is_dir():
        raise SourceError(f"{out}: no folder {out.parent}; make it first")
    _check_writable(out)
    if out.suffix.lower() == ".mp4":
        _ffmpeg(out)
    pygame.font.init()
    size = picture_size(out, size)
    unit = unit or unit_of_picture(size)
    span = source.span()
    picture = Picture(source, unit)
    surface = pygame.Surface(size)
    view.speed, view.paused = speed, False
    moment = clamp(span[1] if at is None else at, span)
    _select(source, view, picture, size, moment, select, zoom, city_zoom)
    # The same picture each time, however far the pass over all frames would have come.
    latest = at if out.suffix.lower() == ".png" else last
    wait_for_scan(source, span[1] if latest is None or view.heat else latest)
    if out.suffix.lower() == ".png":
        view.paused = view.still = True
        picture.draw(surface, clamp(span[1] if at is None else at, span), view)
        pygame.image.save(surface, str(out))
        return 1
    start = clamp(span[0] if first is None else first, span)
    end = clamp(span[1] if last is None else last, span)
    step = speed / source.scene.tick_seconds / frames_per_second
    times = np.arange(start, end + 1e-9, step)
    if len(times) < 2:
        raise SourceError(
            f"{out}: from tick {start:g} to {end:g} is no stretch of time; the run has ticks "
            f"{span[0]} to {span[1]}"
        )

    def shots():  # type: ignore[no-untyped-def]
        for number, time in enumerate(times.tolist()):
            picture.draw(surface, time, view)
            if on_progress is not None:
                on_progress(number + 1, len(times))
            yield np.ascontiguousarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))

    if out.suffix.lower() == ".gif":
        _gif(shots(), out, frames_per_second)
    else:
        _mp4(shots(), out, size, frames_per_second)
    return len(times)


def picture_size(out: Path, size: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels that a file has where so many are asked for."""
    if out.suffix.lower() == ".mp4":  # video has colours for blocks of two by two pixels
        return size[0] & ~1, size[1] & ~1
    return size


def unit_of_picture(size: tuple[int, int]) -> float:
    """Return pixels per design pixel: a large picture is seen as large as a small one."""
    return max(1.0, min(size[0] / WHOLE[0], size[1] / WHOLE[1]))


def _check_writable(out: Path) -> None:
    """Refuse what cannot be written before anything is drawn; leave it as it is."""
    there = out.exists()
    try:
        with out.open("ab"):
            pass
        if not there:
            out.unlink()
    except OSError as error:
        raise SourceError(
            f"{out}: cannot be written ({error.strerror}); name another file"
        ) from error


def _select(
    source: Source,
    view: View,
    picture: Picture,
    size: tuple[int, int],
    time: float,
    select: str | None,
    zoom: float | None,
    city_zoom: float | None,
) -> None:
    from viz.city_view import selected
    from viz.find import find
    from viz.look import bring_tour_near, look_at_city
    from viz.places import spot
    from viz.view import aim, lay_out

    frame = source.frame(time)
    if select is not None:
        view.selection = find(source.scene, frame, select)
        if not view.selection.kind:
            raise SourceError(not_found(select))
    timed = source.under_way or source.span()[1] > source.span()[0]
    aim(view, source.scene, lay_out(size, source.scene, view.shown, picture.unit, timed=timed))
    if select is not None and view.city_camera is not None and view.shown != FLOOR:
        bring_tour_near(view.city_camera, source.scene, *selected(source.scene, frame, view))
    if city_zoom is not None and view.city_camera is not None:
        look_at_city(view.city_camera, source.scene, frame, view, city_zoom)
        view.follow = view.selection.kind == "tour"
    if zoom is not None:
        place = spot(source.scene, frame, view)
        camera = view.floor_camera
        if camera is not None:
            camera.scale = zoom
            camera.centre(*(place or (camera.x, camera.y)))
            view.follow = view.selection.kind == "robot"


def not_found(select: str) -> str:
    """Return that there is nothing of a name, and what names there are."""
    return (
        f"--select {select}: nothing here is called so; try a robot's number (or several: 3,17), "
        "a parcel's name, t7 (tour or task), c3 (chute) or s1 (station)"
    )


def wait_for_scan(source: Source, tick: float, seconds: float = 60.0) -> None:
    """Wait until the pass over all frames has seen a tick, or has come to its end.

    Raises
    ------
    SourceError
        If it meets frames that cannot be read.
    """
    deadline = clock.monotonic() + seconds
    scan = getattr(source, "scan", None)
    while scan is not None and not scan.has_seen(tick) and clock.monotonic() < deadline:
        if scan.failure:
            raise SourceError(scan.failure)
        clock.sleep(0.02)


def clamp(time: float, span: tuple[int, int]) -> float:
    """Return the nearest time that the source has."""
    return min(max(time, span[0]), span[1])


def _gif(shots, out: Path, frames_per_second: int) -> None:  # type: ignore[no-untyped-def]
    """Write a GIF: one palette for all frames, so that equal parts stay equal and pack well."""
    from PIL import Image

    pictures, palette = [], None
    for pixels in shots:
        picture = Image.fromarray(pixels)
        if palette is None:
            palette = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
        pictures.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    pictures[0].save(
        out,
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 / frames_per_second),
        loop=0,
        optimize=False,
        disposal=1,
    )


def _mp4(shots, out: Path, size: tuple[int, int], frames_per_second: int) -> None:  # type: ignore[no-untyped-def]
    writer = _ffmpeg(out).write_frames(
        str(out), size, fps=frames_per_second, macro_block_size=2, quality=7
    )
    writer.send(None)
    try:
        for pixels in shots:
            writer.send(pixels.tobytes())
        writer.close()
    except OSError as error:
        said = str(error).rpartition("OUTPUT:")[2].split("\n")  # it comes with the whole command
        reason = ([line.strip() for line in said if line.strip()] or ["it gave no reason"])[-1]
        raise SourceError(
            f"{out}: ffmpeg could not write it ({reason}); is the disk full?"
        ) from error


def _ffmpeg(out: Path) -> Any:
    """Return the module that runs ffmpeg, where it and ffmpeg are there."""
    try:
        import imageio_ffmpeg

        imageio_ffmpeg.get_ffmpeg_exe()
    except ImportError:
        raise SourceError(
            f"{out}: MP4 needs the extra `mp4` (uv sync --extra mp4); or write a .gif"
        ) from None
    except RuntimeError as error:
        raise SourceError(
            f"{out}: MP4 needs ffmpeg, which is not here ({error}); install it, or write a .gif"
        ) from None
    return imageio_ffmpeg
