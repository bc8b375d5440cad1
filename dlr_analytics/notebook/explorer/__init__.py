"""The explorer: a widget that draws an exploration and writes its code."""
