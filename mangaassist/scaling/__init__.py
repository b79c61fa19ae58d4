"""The autoscaler: measures a pool's load, plans its workers, and starts or drains them."""
