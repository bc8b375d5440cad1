"""What a user's SQL may do."""
