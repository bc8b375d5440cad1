"""The simulated world: messages, their fates and their receipts."""
