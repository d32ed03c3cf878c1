"""Core sets, similarity and drift on plain arrays of embeddings; imports nothing heavy until it is used.

``coresets`` chooses points, ``similarity`` compares sets, ``coverage`` tests for drift, ``wasserstein``
compares sets of different dimension, ``projection`` lays covering balls out in the plane.
"""
