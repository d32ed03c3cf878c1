"""Forecasting on sensor graphs: DCRNN, ConvLSTM on a graph, LSTM and GRU, and the baselines that they must beat."""
