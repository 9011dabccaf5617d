"""The memory of Holdfast: signed, chained, tamper-evident Parquet, and how to check it.

Runs alone: ``python -m evidence verify DIR`` needs neither Prefect nor a cloud SDK, and nothing
here imports another part of the house.
"""
