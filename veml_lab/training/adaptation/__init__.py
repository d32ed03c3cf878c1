"""Domain adaptation: a trained network meets new data without labels.

One training loop (:mod:`.backend`) over methods that only say what their loss is. A plan of this
backend carries ``hyper["adapt"] = {"method": ..., "to": <data version ID>}``.
"""
