"""Which variables of Holdfast's own environment a target's tools may see: few, and by name.

``AWS_*`` and ``TF_*`` are what a workspace is meant to be given: credentials, endpoints, values of variables
(``TF_VAR_*``, for a secret must not stand in a file), where providers come from (``TF_CLI_CONFIG_FILE``) and
registry tokens (``TF_TOKEN_*``). What of these would change what Terraform does, or where it writes, is left
out: the estate file alone says that. Everything else is dropped unless ``HOLDFAST_PASS_ON`` names it: a
proxy, a bundle of certificates, another cloud's credentials.

https://developer.hashicorp.com/terraform/cli/config/environment-variables lists Terraform's.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from tasks.errors import ToolError

AWS = "AWS_"
TERRAFORM = "TF_"

STEERING = (
    "TF_CLI_ARGS*",  # arguments to any command: -destroy, -refresh=false
    "TF_LOG*",  # logs with secrets in clear, on our standard error or in a file
    "TF_WORKSPACE",  # the target says which
    "TF_DATA_DIR",  # where backend and providers are noted; scratch, where the folder is not initialised
    "TF_REATTACH_PROVIDERS",  # a provider that runs elsewhere, with other credentials
    "TF_INPUT",  # nobody is there to be asked
    "TF_IN_AUTOMATION",
    "TF_FORCE_LOCAL_BACKEND",  # another state than the code says
    "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
    "TF_STATE_PERSIST_INTERVAL",
    "TF_TEMP_LOG_PATH",
    "TF_FORK",
    "TF_ACC*",  # providers behave as in their own acceptance tests
    "TF_SCHEMA_PANIC_ON_ERROR",
    "AWS_PAGER",
)
"""What would change what a tool does or says behind the estate file's back."""

OURS = ("HOLDFAST_", "SLACK_", "PREFECT_")
"""What no tool may see, whoever names it: our keys, tokens and the way to the server."""

DECIDED = ("PATH", "HOME", "LD_", "DYLD_")
"""What is decided elsewhere (``PATH``, ``HOME``), or would load other code into a program."""


def passed(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the variables with this prefix that steer nothing."""
    return {
        name: value for name, value in environment.items() if name.startswith(prefix) and not _steers(name)
    }


def passed_on(environment: Mapping[str, str], names: str) -> dict[str, str]:
    """Return the variables that `names` lists, apart by spaces or commas; ``*`` at an end is any rest.

    Raises:
        ToolError: it lists one that no tool may see.
    """
    wanted = names.replace(",", " ").split()
    for name in wanted:
        if not name.rstrip("*") or name.startswith((*OURS, *DECIDED)) or _steers(name) or _covers_ours(name):
            raise ToolError(
                f"HOLDFAST_PASS_ON: {name!r} may not be passed on to a target's tools; name what they "
                "need, such as HTTPS_PROXY"
            )
    return {
        name: value for name, value in environment.items() if any(fnmatchcase(name, one) for one in wanted)
    }


def _steers(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in STEERING)


def _covers_ours(name: str) -> bool:
    return name.endswith("*") and any(
        word.startswith(name.rstrip("*")) for word in (*OURS, *DECIDED, *STEERING)
    )
