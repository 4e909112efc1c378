"""What "Forecasting" alone shows."""
