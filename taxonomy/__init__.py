"""The nouns of Holdfast, and what drift means: rules, controls, directions, routes.

Nothing here runs a tool, reads the clock or the environment, or imports another part of the house.
"""
