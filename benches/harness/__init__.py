"""What the benchmark's scenes have in common: machine, processes, figures, tables."""
