"""A drawn road world: pictures, films and boxes of streets, made on the spot. A stand-in where no real set is at
hand."""

from .world import road_world

__all__ = ["road_world"]
