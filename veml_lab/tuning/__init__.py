"""Model selection over a training backend; Optuna does the searching."""
