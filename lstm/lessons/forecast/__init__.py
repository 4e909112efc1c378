"""The lesson "Forecasting": a network continues a series, and is judged against honest baselines."""
