"""What ``dlr demo`` runs: simulated receipts, and a simulated account."""
