"""How names of titles are compared: folded, spelled in Latin letters, and by resemblance."""
