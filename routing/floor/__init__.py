"""Floor: robots and parcels in, moves out."""

from routing.floor.grid import Floor as Floor
from routing.floor.grid import FloorError as FloorError
