"""A stand-in for Amazon Bedrock Runtime: its wire, quotas and latency, and faults on request."""
