"""What charts consist of: template, frame, axes, series and marks."""
