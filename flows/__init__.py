"""The sentences of Holdfast: Prefect flows, settings and the console script."""
