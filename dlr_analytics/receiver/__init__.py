"""HTTP in, journal out. Tornado lives here and nowhere else."""
