"""The work pools: looking and changing run apart, with different roles, for a plan runs workspace code."""

DETECT = "holdfast-detect"
REMEDY = "holdfast-remedy"
POOLS = (DETECT, REMEDY)
