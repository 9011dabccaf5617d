"""Which controls a look speaks of, met or not: auditors ask for the whole population first."""

from taxonomy.observation import Observation
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook
from taxonomy.target import LAYERS, Layer

ATTRIBUTES: dict[str, Layer] = {
    "config_rule.": "aws_config",
    "policy.": "azure_policy",
    "control.": "inspec",
}
"""How the attributes of each layer begin; all others are Terraform's."""


def controls_looked_at(rulebook: Rulebook, observation: Observation) -> frozenset[str]:
    """Return the controls of every rule that could have matched in this layer, and those the tool names."""
    cited = {
        control
        for rule in rulebook.ordered
        if observation.layer in _layers(rule)
        for control in rule.controls
    }
    return frozenset(cited | set(observation.answer.controls))


def _layers(rule: Rule) -> frozenset[Layer]:
    when = rule.when
    if when.layer:
        return frozenset(when.layer)
    begins = {ATTRIBUTES.get(f"{glob.split('.')[0]}.") for glob in when.attribute or () if "." in glob}
    if named := frozenset(layer for layer in begins if layer is not None):
        return named
    if when.attribute is None and when.resource_type is None:
        return frozenset(LAYERS)
    return frozenset({"terraform"})
