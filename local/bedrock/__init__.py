"""A stand-in for Amazon Bedrock Runtime that speaks its wire protocol, with quotas, latency and faults on request."""
