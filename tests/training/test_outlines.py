"""Data with outlines or keypoints teaches a detector by its boxes."""

from __future__ import annotations

import dataclasses

from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.formats import Mask


def test_a_set_with_outlines_trains_a_detector_and_is_measured_by_its_boxes(empty_lab):
    """As every COCO file with polygons is."""
    plain = veml.road_world("clear-city", 12, seed=1)

    def outlined():
        for r in plain.records():
            rings = [(b.x, b.y, b.x + b.w, b.y, b.x + b.w, b.y + b.h) for b in r.boxes]
            masks = tuple(
                Mask(b.label, (ring,), instance=i) for i, (b, ring) in enumerate(zip(r.boxes, rings, strict=True))
            )
            yield dataclasses.replace(
                r, masks=masks, boxes=tuple(dataclasses.replace(b, instance=i) for i, b in enumerate(r.boxes))
            )

    source = dataclasses.replace(plain, records=outlined, task="segmentation", fingerprint="outlined")
    data = empty_lab.add("outlined", source, progress=False)
    assert data.task == "segmentation" and data.facts.trains_as == "detection"
    model = veml.model(data, TINY_DETECTOR, name="detector")
    plan = veml.plan(model, data, name="first", validation=data, epochs=1, batch_size=6, lr=2e-3)
    training = veml.train(plan, empty_lab, progress=False)
    assert training.metric_name == "mAP50" and training.metric is not None
    again = veml.train(
        veml.transfer(training, data, name="second", validation=data, hyper={"epochs": 2}), progress=False
    )
    assert again.plan["init"] == training.id
