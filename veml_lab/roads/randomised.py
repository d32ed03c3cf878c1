"""Domain randomisation of the road world: every video another place, air, light, traffic and camera.

Pictures that no condition holds, so that what a detector learns from them is the objects and not the weather.

Source
------
Tobin et al., "Domain randomization for transferring deep neural networks from simulation to the real world", 2017;
Tremblay et al., "Training deep networks with synthetic data: bridging the reality gap by domain randomization", 2018
(detection of cars). There textures are random too; here meshes keep their own colours and the light on them is random.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from .film import Condition, Film
from .paint import Light
from .scene import Traffic

NAME = "randomised"
CLASSES = ("car", "bus", "truck", "pedestrian", "cyclist")
PLACES, WEATHERS = ("city", "highway", "suburb"), ("clear", "foggy", "overcast")


def random_condition(rng: np.random.Generator) -> Condition:
    """Place, weather and traffic of one video; means between an empty road and the fullest of the three conditions."""
    car, bus, truck = rng.dirichlet((4, 1.5, 1.5))
    traffic = Traffic(
        own=rng.uniform(1, 5),
        oncoming=rng.uniform(0.5, 2.5),
        parked=rng.uniform(0, 2.6),
        walkers=rng.uniform(0, 3.5),
        crossers=rng.uniform(0, 1),
        cyclists=rng.uniform(0, 2.5),
        mix={"car": car, "bus": bus, "truck": truck},
    )
    return Condition(WEATHERS[rng.integers(3)], PLACES[rng.integers(3)], CLASSES, traffic)


def random_film(rng: np.random.Generator, size: tuple[int, int]) -> Film:
    """A video of a random condition under random light, seen by a random sensor."""
    film = Film(rng, random_condition(rng), size, random_light)
    film.gain = film.gain * np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.12, 3)).astype(
        np.float32
    )  # exposure and white balance
    film.grain *= rng.uniform(0.5, 5)
    return film


def random_light(rng: np.random.Generator, light: Light) -> Light:
    """The light of a scene in other colours: lamps, sky and air each by a factor a channel."""

    def factors(spread: float) -> np.ndarray:
        return np.exp(rng.normal(0, spread) + rng.normal(0, spread / 2, 3))

    def lamp(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
        r, g, b = np.clip(np.array(rgb) * factors(0.3), 0, 1.2).tolist()
        return r, g, b

    def sky(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
        r, g, b = np.clip(np.array(rgb) * factors(0.25), 0, 255).astype(int).tolist()
        return r, g, b

    air = sky(light.air)
    # in fog the sky is the air; elsewhere it has colours of its own
    zenith, horizon = (air, air) if light.zenith == light.air else (sky(light.zenith), sky(light.horizon))
    return dataclasses.replace(
        light,
        ambient=lamp(light.ambient),
        direct=lamp(light.direct),
        air=air,
        zenith=zenith,
        horizon=horizon,
        visibility_m=light.visibility_m * float(np.exp(rng.normal(0, 0.3))),
    )
