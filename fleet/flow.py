"""Parcels, tours, chutes and couriers: what an event does to them.

Each function changes the world in place and logs each parcel's new place; none of them decides.
"""

from __future__ import annotations

import numpy as np

from fleet import boards, instants
from fleet.events import Barred, CourierNews, Out, ParcelState, RobotPhase, TourState
from fleet.parcels import Parcels
from fleet.world import NO_TOUR, REJECT, TOUR_STATE, World, parcel_rows

FINAL = (
    ParcelState.DELIVERED,
    ParcelState.REJECTED,
    ParcelState.CANCELLED,
    ParcelState.RETURNED,
)


def place(world: World, parcel: int, state: ParcelState, where: int) -> None:
    """Put a parcel in its new place and log it."""
    world.parcels["state"][parcel] = state
    world.log.append((parcel, int(state), where))


def submit(world: World, parcels: Parcels) -> None:
    """Append newly accepted parcels."""
    first = len(world.parcels)
    world.parcels = np.concatenate([world.parcels, parcel_rows(world.scenario, parcels)])
    world.log.extend((k, int(ParcelState.ACCEPTED), -1) for k in range(first, len(world.parcels)))


def arrive(world: World) -> None:
    """Put parcels whose time has come at their stations."""
    rows = world.parcels
    due = np.flatnonzero(rows["state"] == ParcelState.ACCEPTED)
    due = due[rows["ready"][due] <= world.tick]
    if not len(due):
        return
    rows["station_tick"][due] = world.tick
    rows["state"][due] = ParcelState.AT_STATION
    stations = rows["station"][due].tolist()
    world.log.extend(
        (k, int(ParcelState.AT_STATION), s) for k, s in zip(due.tolist(), stations, strict=True)
    )


def at_hand(world: World) -> np.ndarray:
    """Return the parcels that a wave closed now would take."""
    rows = world.parcels
    parcels = np.flatnonzero((rows["state"] == ParcelState.AT_STATION) & (rows["wave"] < 0))
    return parcels[(rows["tour"][parcels] == NO_TOUR) & (rows["cancelled"][parcels] == 0)]


def close_wave(world: World, wave: int) -> None:
    """Give the parcels at hand to a new wave."""
    world.parcels["wave"][at_hand(world)] = wave
    world.waves = wave + 1
    world.wave_tick = world.tick


def plan(world: World, rows: np.ndarray) -> None:
    """Take in a wave's tours (dtype `events.PLAN`); parcels gone meanwhile are left out."""
    world.planned += 1
    rows = rows[rows["parcel"] >= 0]
    states = world.parcels["state"][rows["parcel"]]
    here = (states == ParcelState.AT_STATION) & (world.parcels["cancelled"][rows["parcel"]] == 0)
    rows = rows[here]
    world.parcels["tour"][rows["parcel"][rows["tour"] < 0]] = REJECT
    rows = rows[rows["tour"] >= 0]
    if not len(rows):
        return
    _, starts, counts = np.unique(rows["tour"], return_index=True, return_counts=True)
    tours = np.zeros(len(starts), TOUR_STATE)
    for name in ("chute", "courier", "chute_tick", "ready_tick", "depart_tick", "home_tick"):
        tours[name] = -1
    tours["state"] = TourState.PLANNED
    tours["wave"] = rows["wave"][starts]
    tours["first"] = len(world.tour_parcels) + starts
    tours["stops"] = counts
    tours["wanted"] = counts
    tours["plan_tick"] = world.tick
    first = len(world.tours)
    world.parcels["tour"][rows["parcel"]] = first + np.repeat(np.arange(len(starts)), counts)
    world.parcels["position"][rows["parcel"]] = rows["position"]
    world.tours = np.concatenate([world.tours, tours])
    world.tour_parcels = np.concatenate([world.tour_parcels, rows["parcel"].astype(np.int32)])
    world.touched_tours.update(range(first, len(world.tours)))


def give_chutes(world: World) -> None:
    """Give free chutes to the tours that wait for one, in the order of the tours."""
    waiting = np.flatnonzero(world.tours["state"] == TourState.PLANNED)
    if not len(waiting):
        return
    free = (world.chutes["tour"] < 0) & (world.chutes["until"] <= world.tick)
    free &= world.barred[world.chute_cells] == Barred.NO
    usable = world.chute_order[free[world.chute_order]]
    k = min(len(waiting), len(usable))
    tours, chutes = waiting[:k], usable[:k]
    world.tours["state"][tours] = TourState.SORTING
    world.tours["chute"][tours] = chutes
    world.tours["chute_tick"][tours] = world.tick
    world.chutes["tour"][chutes] = tours
    world.chutes["count"][chutes] = 0
    world.touched_tours.update(tours.tolist())


def tour_stops(world: World, tour: int) -> np.ndarray:
    """Return the parcels of a tour in their order of delivery, taken-out ones included."""
    first = int(world.tours["first"][tour])
    return world.tour_parcels[first : first + int(world.tours["stops"][tour])]


def reckon(world: World, tour: int) -> None:
    """See whether a tour is full, or has nothing left to carry."""
    row = world.tours[tour]
    if row["state"] not in (TourState.PLANNED, TourState.SORTING, TourState.READY):
        return
    if row["wanted"] == 0:
        if row["chute"] >= 0:
            world.chutes["tour"][row["chute"]] = -1
        row["state"] = TourState.DONE
    elif row["sorted"] == row["wanted"] and row["state"] != TourState.READY:
        row["state"] = TourState.READY
        row["ready_tick"] = world.tick
    world.touched_tours.add(tour)


def depart(world: World) -> list[int]:
    """Send full tours out with free couriers; return these tours."""
    ready = np.flatnonzero(world.tours["state"] == TourState.READY)
    if not len(ready):
        return []
    couriers = np.flatnonzero(world.couriers < 0)
    k = min(len(ready), len(couriers))
    gone = ready[:k].tolist()
    for tour, courier in zip(gone, couriers[:k].tolist(), strict=True):
        row = world.tours[tour]
        row["state"] = TourState.OUT
        row["courier"] = courier
        row["depart_tick"] = world.tick
        world.couriers[courier] = tour
        world.chutes["tour"][row["chute"]] = -1
        world.chutes["count"][row["chute"]] = 0
        for parcel in tour_stops(world, tour).tolist():
            if world.parcels["state"][parcel] == ParcelState.IN_CHUTE:
                place(world, parcel, ParcelState.OUT, tour)
        world.touched_tours.add(tour)
    return gone


def picked(world: World, robot: int) -> None:
    """A robot has its parcel on board."""
    parcel = int(world.robots["parcel"][robot])
    world.parcels["loaded_tick"][parcel] = world.tick
    place(world, parcel, ParcelState.ON_ROBOT, robot)
    boards.go_on(world, robot)


def dropped(world: World, robot: int, *, parcel_was_there: bool) -> None:
    """A robot has dropped its parcel, or came without it; it goes on with what else it has."""
    row = world.robots[robot]
    parcel = int(row["parcel"])
    if parcel_was_there:
        _into_chute(world, parcel)
        row["jobs"] += 1
        world.last_sorted_tick = world.tick
        boards.take_off(world, robot, [parcel])
    else:
        lose(world, robot, parcel)
    unassign(world, robot)


def lose(world: World, robot: int, parcel: int) -> None:
    """A parcel that was on a robot is there no more; somebody looks for it."""
    place(world, parcel, ParcelState.MISSING, robot)
    world.parcels["until"][parcel] = world.tick + world.timing.found
    boards.take_off(world, robot, [parcel])


def _into_chute(world: World, parcel: int) -> None:
    chute = boards.destination(world, parcel)
    world.parcels["sorted_tick"][parcel] = world.tick
    if chute >= world.n_chutes or world.parcels["cancelled"][parcel]:
        place(world, parcel, ParcelState.REJECTED, chute)
        return
    place(world, parcel, ParcelState.IN_CHUTE, chute)
    row = world.chutes[chute]
    row["count"] += 1
    if row["count"] >= world.scenario.floor.chute_parcels:  # full: its bag is changed
        row["count"] = 0
        row["until"] = max(int(row["until"]), world.tick + world.timing.chute_empty)
    tour = int(world.parcels["tour"][parcel])
    world.tours["sorted"][tour] += 1
    reckon(world, tour)


def tasks(world: World) -> np.ndarray:
    """Return the parcels that a robot may be given now, oldest first; int32.

    None that lies at a closed station, or would go to a closed chute.
    """
    rows = world.parcels
    # Tours being sorted have a chute each, so that they are few however many parcels wait.
    sorting = np.flatnonzero(world.tours["state"] == TourState.SORTING)
    sizes = world.tours["stops"][sorting]
    behind = np.repeat(world.tours["first"][sorting] - np.cumsum(sizes) + sizes, sizes)
    stops = world.tour_parcels[behind + np.arange(len(behind))]
    stops = stops[rows["tour"][stops] == np.repeat(sorting, sizes)]
    parcels = np.concatenate([stops, np.flatnonzero(rows["tour"] == REJECT)])
    free = (rows["state"][parcels] == ParcelState.AT_STATION) & (rows["robot"][parcels] < 0)
    parcels = np.sort(parcels[free]).astype(np.int32)
    if not world.barred.any():
        return parcels
    cells = world.floor.stations[rows["station"][parcels]]
    chutes = world.chute_cells[boards.destinations(world, parcels)]
    return parcels[(world.barred[cells] == Barred.NO) & (world.barred[chutes] == Barred.NO)]


def unassign(world: World, robot: int) -> None:
    """Take away from a robot what it does not have on board."""
    boards.leave(world, robot)
    boards.go_on(world, robot)


def found(world: World, parcels: np.ndarray) -> None:
    """Missing parcels lie at their stations again; one cancelled meanwhile is taken out there."""
    for parcel in parcels.tolist():
        row = world.parcels[parcel]
        if row["state"] == ParcelState.MISSING:
            state = ParcelState.CANCELLED if row["cancelled"] else ParcelState.AT_STATION
            place(world, parcel, state, int(row["station"]))


def cancellable(world: World, parcel: int) -> bool:
    """Tell whether a parcel can still be taken out."""
    state = world.parcels["state"][parcel]
    return (
        state < ParcelState.OUT or state in (ParcelState.MISSING, ParcelState.RETURNING)
    ) and not world.parcels["cancelled"][parcel]


def cancel(world: World, parcel: int) -> None:
    """Take a parcel out wherever it is; on a robot it goes on to the reject chute."""
    if not cancellable(world, parcel):
        return
    row = world.parcels[parcel]
    state, tour, robot = ParcelState(int(row["state"])), int(row["tour"]), int(row["robot"])
    row["cancelled"] = 1
    if state == ParcelState.RETURNING:
        return  # it stays at the depot when its courier is back
    if tour >= 0:
        if state == ParcelState.IN_CHUTE:
            world.tours["sorted"][tour] -= 1
        world.tours["wanted"][tour] -= 1
    if state == ParcelState.IN_CHUTE:
        place(world, parcel, ParcelState.REJECTED, int(world.tours["chute"][tour]))
    elif state == ParcelState.ON_ROBOT:
        if not _acts_on(world, robot, parcel):
            row["tour"] = REJECT
            if world.robots["parcel"][robot] == parcel:
                goal = world.chute_cells[boards.destination(world, parcel)]
                world.robots["goal"][robot] = goal
    elif robot >= 0 and _acts_on(world, robot, parcel):
        row["tour"] = REJECT  # it is just being loaded: carry it to the reject chute
    else:
        if robot >= 0:
            _take_out(world, robot, parcel)
        place(world, parcel, ParcelState.CANCELLED, int(row["station"]))
    if tour >= 0:
        reckon(world, tour)


def _acts_on(world: World, robot: int, parcel: int) -> bool:
    """Tell whether a robot was told to pick or drop this parcel."""
    row = world.robots[robot]
    return bool(row["closed"] and row["parcel"] == parcel)


def _take_out(world: World, robot: int, parcel: int) -> None:
    """Take a parcel that lies at its station out of a robot's load."""
    if boards.load(world, robot) == [parcel]:
        unassign(world, robot)
        return
    boards.take_off(world, robot, [parcel])
    if world.robots["parcel"][robot] == parcel:
        boards.go_on(world, robot)


def courier_news(world: World, rows: np.ndarray) -> None:
    """Take in what couriers report (dtype `events.COURIER`), passing over what is known.

    Nor is anything taken in of a courier who does not drive that tour, of a parcel that is not out
    with it, or of the way home while one is.
    """
    for courier, tour, position, parcel, news in rows.tolist():
        row = world.tours[tour]
        if row["state"] != TourState.OUT or position != row["reported"]:
            continue
        home = news == CourierNews.HOME
        out = tour_stops(world, tour)
        out = out[world.parcels["state"][out] == ParcelState.OUT]
        if world.couriers[courier] != tour or (len(out) > 0 if home else parcel not in out):
            continue
        row["reported"] += 1
        if news == CourierNews.DELIVERED:
            world.parcels["delivered_tick"][parcel] = world.tick
            place(world, parcel, ParcelState.DELIVERED, tour)
        elif not home:
            world.parcels["attempts"][parcel] += 1
            place(world, parcel, ParcelState.RETURNING, tour)
        else:
            row["state"] = TourState.DONE
            row["home_tick"] = world.tick
            world.couriers[courier] = -1
            world.touched_tours.add(tour)
            _bring_back(world, tour)


def _bring_back(world: World, tour: int) -> None:
    for parcel in tour_stops(world, tour).tolist():
        row = world.parcels[parcel]
        if row["state"] != ParcelState.RETURNING:
            continue
        if row["attempts"] >= world.scenario.troubles.attempts or row["cancelled"]:
            place(world, parcel, ParcelState.RETURNED, tour)
        else:  # another wave, another try
            row["tour"], row["wave"], row["position"] = NO_TOUR, -1, -1
            place(world, parcel, ParcelState.AT_STATION, int(row["station"]))


def floor_is_quiet(world: World) -> bool:
    """Tell whether no robot has anything to do and no tour anything to wait for on the floor.

    Who waits for an operator, or for a closed cell to be opened, has nothing to do.
    """
    robots = world.robots
    committed = (robots["ahead"] > 0) | (robots["closed"] == 1)
    if (committed & (robots["halted"] == 0)).any() or instants.wanted(world).any():
        return False
    if world.paused:
        return True
    able = (robots["paused"] == 0) & (robots["out"] == Out.NO)
    goals = robots["goal"]
    tasked = able & (robots["phase"] != RobotPhase.IDLE)
    if (tasked & ((world.barred[goals] == Barred.NO) | (robots["cell"] == goals))).any():
        return False
    open_chutes = (world.chutes["tour"] < 0) & (world.chutes["until"] <= world.tick)
    open_chutes &= world.barred[world.chute_cells] == Barred.NO
    states = world.tours["state"]
    return not (
        (able.any() and len(tasks(world)))
        or ((states == TourState.PLANNED).any() and open_chutes[: world.n_chutes].any())
        or ((states == TourState.READY).any() and (world.couriers < 0).any())
    )


def all_done(world: World) -> bool:
    """Tell whether every accepted parcel has come to its end and every courier is home."""
    final = np.zeros(len(ParcelState), bool)
    final[list(FINAL)] = True
    return bool((world.couriers < 0).all() and final[world.parcels["state"]].all())
