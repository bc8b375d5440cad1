"""What ``dlr demo`` runs: simulated receipts, and the connection of a simulated account."""
