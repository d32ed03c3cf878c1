"""The four kinds of version - data, model, training, inference - frozen once made.

``store`` keeps the graph that they form; ``imports`` brings samples in; ``data``, ``model``,
``training`` and ``inference`` are one file a kind.
"""
