"""Who takes part: each file declares CONTENDERS."""
