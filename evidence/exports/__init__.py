"""Exports: the evidence in the words of other programs.

A format is one module with a `NAME` and `export(selection)`, which yields the text piece by
piece. It is one line here. What maps to what, and what is lost, stands in docs/exports.md.
"""

from collections.abc import Callable, Iterator

from evidence.exports import csv_rows, hdf, json_lines, junit, ocsf, oscal, sarif
from evidence.exports.selection import Selection

Export = Callable[[Selection], Iterator[str]]

EXPORTS: dict[str, Export] = {
    csv_rows.NAME: csv_rows.export,
    json_lines.NAME: json_lines.export,
    ocsf.NAME: ocsf.export,
    oscal.NAME: oscal.export,
    hdf.NAME: hdf.export,
    sarif.NAME: sarif.export,
    junit.NAME: junit.export,
}
