"""What staff see of both flows while they work."""
