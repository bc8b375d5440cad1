"""Files that a bucket has too: which there are, and what is recorded of them."""
