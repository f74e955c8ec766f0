"""What wayvid holds, how much that may be, and what to do about it."""
