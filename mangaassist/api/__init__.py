"""What every endpoint shares: problems, languages, permissions, rates, idempotency, the schema."""
