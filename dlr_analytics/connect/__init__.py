"""The account at Vonage and its way to the receiver."""
