"""A stand-in for OpenSearch, and for OpenSearch Serverless: what MangaAssist uses of their API."""
