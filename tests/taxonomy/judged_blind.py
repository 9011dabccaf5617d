"""All drifts that were judged without a look at the rules, of every layer."""

from judged_blind_azure import AZURE
from judged_blind_better import BETTER
from judged_blind_compute import COMPUTE
from judged_blind_data import DATA
from judged_blind_findings import FINDINGS
from judged_blind_form import Blind
from judged_blind_hosts import HOSTS
from judged_blind_identity import IDENTITY
from judged_blind_network import NETWORK
from judged_blind_plain import PLAIN
from judged_blind_quiet import QUIET
from judged_blind_tricky import TRICKY

BLIND: tuple[Blind, ...] = (
    *IDENTITY,
    *NETWORK,
    *DATA,
    *COMPUTE,
    *AZURE,
    *BETTER,
    *FINDINGS,
    *HOSTS,
    *PLAIN,
    *QUIET,
    *TRICKY,
)
