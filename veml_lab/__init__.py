"""VeML-Lab: every version of a machine-learning lifecycle in one lineage graph, and the use of that memory."""

__version__ = "0.1.0"
