"""A webhook request becomes a receipt, or is refused: pure functions of bytes, rules and clock."""
