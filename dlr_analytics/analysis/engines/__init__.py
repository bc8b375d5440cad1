"""The engines that run the statements."""
