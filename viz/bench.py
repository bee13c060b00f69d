"""`viz bench`: how long a frame, a seek and the start take, beside a bare loop over the sprites.

Without a run one is made: robots on random legal moves, recorded as a real run is.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fleet.events import ROBOT_FRAME, ParcelState, RobotStatus
from fleet.scenario import FloorPart, Scenario, write
from fleet.store import Store
from routing.arguments import Parser, whole
from routing.floor.grid import Floor

SIZE = (1600, 900)
FRAMES = 60
SEEKS = 40
STARTS = 3
MOST_HOURS = 1000  # of a watch
SWEEP = 400  # frames drawn all over the run, to see memory grow


def main(arguments: list[str]) -> int:
    """Measure, print, and return the exit code."""
    parser = Parser(prog="viz bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("run", nargs="?", metavar="RUN", help="run folder (default: make one)")
    parser.add_argument("--robots", type=int, default=10_000, help="of a made run")
    parser.add_argument("--ticks", type=int, default=5_000, help="of a made run")
    parser.add_argument("--map", help="of a made run (default: an open floor of 140 x 500 cells)")
    parser.add_argument("--seed", type=whole(0), default=1, help="of a made run, and of --events")
    parser.add_argument(
        "--events", type=int, metavar="N", help="instead, try N random keys and mouse events"
    )
    parser.add_argument(
        "--watch", type=float, metavar="HOURS",
        help="instead, watch so many simulated hours live and see memory grow",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    args = parser.parse_args(arguments)
    if args.watch is not None and not 0 < args.watch <= MOST_HOURS:
        raise ValueError(
            f"--watch {args.watch:g} is out of range; choose above 0, up to {MOST_HOURS} hours"
        )
    if args.events is not None and args.events < 1:
        raise ValueError(f"--events {args.events}: choose at least one")
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    with tempfile.TemporaryDirectory() as folder:
        run = Path(args.run) if args.run else Path(folder)
        if not args.run:
            if args.robots < 1 or args.ticks < 1:
                raise ValueError("--robots and --ticks must be at least 1")
            floor = Floor.read(args.map) if args.map else open_floor(140, 500)
            if args.robots > int(floor.free.sum()) // 2:
                raise ValueError(
                    f"--robots {args.robots}: more than half of the floor's "
                    f"{int(floor.free.sum())} free cells; choose fewer"
                )
            make_run(run, floor, robots=args.robots, ticks=args.ticks, seed=args.seed)
        if args.watch is not None:
            figures = watch_live(run, args.watch)
        elif args.events is not None:
            figures = disturb(run, args.events, args.seed)
        else:
            figures = measure(run)
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:18} {value}")
    return 0 if figures.get("ok", True) else 1


def disturb(run: Path, events: int, seed: int) -> dict[str, object]:
    """Return what became of a window on a run under random input."""
    import pygame

    from viz.bench_events import try_events
    from viz.session import Session
    from viz.stored.replay import Replay
    from viz.view import View

    pygame.font.init()
    source = Replay(run)
    try:
        return try_events(Session(source, View()), pygame.Surface(SIZE), events, seed=seed)
    finally:
        source.close()


def watch_live(run: Path, hours: float) -> dict[str, object]:
    """Return how memory grew while moments of a run were watched live for so many hours."""
    import pygame

    from viz.bench_watch import watch
    from viz.stored.replay import Replay

    pygame.font.init()
    source = Replay(run)
    try:
        return watch(source, hours, SIZE, resident_mb)
    finally:
        source.close()


def measure(run: Path) -> dict[str, object]:
    """Return the figures of one run; milliseconds are medians unless named otherwise."""
    import pygame

    from viz.draw import Picture
    from viz.places import positions
    from viz.sprites import sprite_index
    from viz.stored.replay import Replay
    from viz.view import View

    pygame.display.init()
    pygame.font.init()
    surface = pygame.display.set_mode(SIZE)
    source = Replay(run)
    view = View(paused=False)
    picture = Picture(source)
    first, last = source.span()
    source.scan.join()
    middle = (first + last) // 2
    picture.draw(surface, middle, view)
    assert view.floor_camera is not None
    assert picture.floor_view is not None
    assert source.scene.floor is not None
    camera, width = view.floor_camera, source.scene.floor.width
    sprites = picture.floor_view.sprites(camera.scale)
    drawn, bare, batch, cpu, bare_cpu = [], [], [], [], []
    for k in range(FRAMES):
        moment = middle + k * 0.4
        began, worked = time.perf_counter(), time.thread_time()
        picture.draw(surface, moment, view)
        drawn.append(time.perf_counter() - began)
        cpu.append(time.thread_time() - worked)
        frame = source.frame(moment)
        xs, ys = positions(frame, width)
        ox, oy = camera.origin
        x = np.round(xs * camera.scale + ox).astype(int).tolist()
        y = np.round(ys * camera.scale + oy).astype(int).tolist()
        surfaces = sprites.surfaces
        pictures = [surfaces[i] for i in sprite_index(frame.status, frame.headings).tolist()]
        began, worked = time.perf_counter(), time.thread_time()
        for sprite, left, top in zip(pictures, x, y, strict=True):
            surface.blit(sprite, (left, top))
        bare.append(time.perf_counter() - began)
        bare_cpu.append(time.thread_time() - worked)
        if hasattr(surface, "fblits"):
            began = time.perf_counter()
            surface.fblits(list(zip(pictures, zip(x, y, strict=True), strict=True)))
            batch.append(time.perf_counter() - began)
    seeks, seeks_cpu = [], []
    for tick in np.random.default_rng(1).integers(first, last + 1, SEEKS).tolist():
        began, worked = time.perf_counter(), time.thread_time()
        source.frame(tick)
        seeks.append(time.perf_counter() - began)
        seeks_cpu.append(time.thread_time() - worked)
    before = resident_mb()
    for tick in np.linspace(first, last, SWEEP).tolist():
        picture.draw(surface, tick, view)
    source.close()
    first_frame, first_frame_cpu = first_frame_ms(run)
    return {
        "robots": len(frame.cells),
        "ticks": last - first + 1,
        "size": list(SIZE),
        "frame_ms": _ms(np.median(drawn)),
        "frame_p99_ms": _ms(np.quantile(drawn, 0.99)),
        "frame_cpu_ms": _ms(np.median(cpu)),
        "baseline_cpu_ms": _ms(np.median(bare_cpu)),
        "baseline_ms": _ms(np.median(bare)),
        "baseline": "for sprite: surface.blit(sprite, place)",
        "batch_ms": _ms(np.median(batch)) if batch else None,
        "seek_ms": _ms(np.median(seeks)),
        "seek_max_ms": _ms(max(seeks)),
        "seek_cpu_ms": _ms(np.median(seeks_cpu)),
        "seek_max_cpu_ms": _ms(max(seeks_cpu)),
        "first_frame_ms": first_frame,
        "first_frame_cpu_ms": first_frame_cpu,
        "rss_mb": round(resident_mb(), 1),
        "rss_growth_mb": round(resident_mb() - before, 1),
    }


def first_frame_ms(run: Path) -> tuple[float, float]:
    """Return how long a new process takes from its start to a drawn frame, and its CPU time."""
    code = (
        "import sys\n"
        "from viz.source import open_source\n"
        "from viz.draw import Picture\n"
        "from viz.view import View\n"
        "import pygame\n"
        "pygame.display.init(); window = pygame.display.set_mode((1600, 900))\n"
        "source = open_source(sys.argv[1])\n"
        "Picture(source).draw(window, source.span()[0], View())\n"
        "pygame.display.flip()\n"
        "import os, time; print('drawn', time.thread_time(), flush=True); os._exit(0)\n"
    )
    times, cpu = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(run)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        times.append(time.perf_counter() - began)
        process.stdout.close()
        process.wait()
        if not line.startswith(b"drawn"):
            raise ValueError(f"{run}: a new process could not draw it")
        cpu.append(float(line.split()[1]))
    return _ms(np.median(times)), _ms(np.median(cpu))


def resident_mb() -> float:
    """Return this process's memory in megabytes; at its peak where only that is known."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _ms(seconds: float | np.floating) -> float:
    return round(float(seconds) * 1000, 2)


def open_floor(height: int, width: int) -> Floor:
    """Return a floor with stations along two sides and chutes beside holes in between."""
    letters = np.full((height, width), ord("."), np.uint8)
    letters[0, 2::4] = letters[-1, 2::4] = ord("E")
    letters[6:-6:3, 6:-6:4] = ord("@")
    letters[6:-6:3, 7:-6:4] = ord("S")
    return Floor.of_letters(letters, "bench")


def make_run(folder: Path, floor: Floor, *, robots: int, ticks: int, seed: int) -> None:
    """Record robots on random legal moves, with as many parcels as robots."""
    rng = np.random.default_rng(seed)
    scenario = Scenario(name="bench", floor=FloorPart(map="floor.map", robots=robots))
    write(scenario, folder / "scenario.toml")
    store = Store(folder / "store.sqlite", write=True)
    store.db.execute("PRAGMA synchronous=OFF")  # it may be lost, and is made again
    store.set_meta(
        scenario=(folder / "scenario.toml").read_text(), map=floor.text(), depot_x=0, depot_y=0
    )
    frames = np.zeros(robots, ROBOT_FRAME)
    frames["cell"] = rng.permutation(np.flatnonzero(floor.free))[:robots]
    frames["heading"] = rng.integers(0, 4, robots)
    stations = max(len(floor.stations), 1)
    store.begin()
    store.insert(
        "parcel",
        (
            (k, f"P{k}", float(x), float(y), 1, 0, None, None, 1, k % stations, 0)
            for k, (x, y) in enumerate(rng.normal(0, 1000, (robots, 2)))
        ),
    )
    states = (ParcelState.ACCEPTED, ParcelState.AT_STATION, ParcelState.ON_ROBOT)
    store.insert(
        "parcel_log", ((None, 0, k, int(s), k % stations) for s in states for k in range(robots))
    )
    taken = np.zeros(floor.cells, bool)
    taken[frames["cell"]] = True
    for tick in range(ticks):
        store.add_events(tick, 1, {}, b"")
        store.add_frame(tick, frames, (robots, 0, robots, 0, 0))
        cells = frames["cell"].copy()
        turn = rng.random(robots) < 0.15
        heading = np.where(turn, rng.integers(0, 4, robots), frames["heading"])
        target = floor.successors[cells, heading]
        wants = (target >= 0) & ~taken[target] & (heading == frames["heading"])
        order = rng.permutation(np.flatnonzero(wants))
        _, firsts = np.unique(target[order], return_index=True)
        movers = order[firsts]
        taken[cells[movers]] = False
        frames["cell"][movers] = target[movers]
        taken[target[movers]] = True
        frames["heading"] = heading
        status = np.where(np.arange(robots) % 2 == 0, RobotStatus.LOADED, RobotStatus.EMPTY)
        waits = (frames["cell"] == cells) & ~turn
        frames["status"] = status | np.where(waits, RobotStatus.WAITING, 0)
        frames["status"][tick % robots] = RobotStatus.FAULT
    store.commit()
    store.close()
