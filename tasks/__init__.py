"""The verbs of Holdfast: detect, merge, check, snapshot, preview, approve, remediate, verify, record.

Plain Python; only `steps` knows Prefect, only `remedies` changes the world, and nobody reads the
clock or the environment: time comes in as ``now``, the world as a `Reach`.
"""
