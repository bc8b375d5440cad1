"""The study ``watch``: what is wrong just now."""
