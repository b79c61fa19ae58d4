"""A stand-in for OpenSearch: the part of its REST API that MangaAssist uses."""
