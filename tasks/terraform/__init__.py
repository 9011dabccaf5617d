"""Terraform: running it, reading its plans, and telling drift from noise and from unapplied code."""
