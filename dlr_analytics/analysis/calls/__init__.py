"""Methods of ``Database`` that are neither metrics nor studies."""
