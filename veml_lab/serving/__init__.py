"""Deployment: export, check against the original, measure, run."""
