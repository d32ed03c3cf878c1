"""The verbs of the paper: similarity, transfer, drift, rebuild; and MLife's bad cases."""
