"""A stand-in for API Gateway: a WebSocket API with HTTP integrations, and @connections."""
