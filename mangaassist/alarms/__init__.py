"""Alarms as data: what rings, when, and what to do; one file for this evaluator and CloudWatch."""
