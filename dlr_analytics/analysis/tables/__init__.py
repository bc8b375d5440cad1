"""Tables of the user beside messages: read, keyed and joined."""
