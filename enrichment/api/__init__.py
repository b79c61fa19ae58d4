"""The REST API of releases and jobs."""
