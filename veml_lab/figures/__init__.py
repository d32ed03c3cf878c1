"""Charts as Plotly figures: pure functions from stored numbers to one figure for every face.

A *spec* is a figure as plain values: ``{"data": [...], "layout": {...}}``, NumPy arrays in it. Widgets send it to the
browser, :func:`~veml_lab.figures.still.svg` draws it without a script, and :func:`~veml_lab.figures.look.figure_of`
makes a ``plotly.graph_objects.Figure`` of it for people; only that imports plotly.
"""
