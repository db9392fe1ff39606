"""A Ray of one's own on this machine: loopback only, no dashboard, nothing reported to anybody, memory bounded."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
OBJECT_STORE_MB = 200
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    # A busy machine takes its time; Ray would begin again and again.
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
    # Ray's only switch to listen on 127.0.0.1 and nowhere else; it is the default on other systems than Linux.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


@contextmanager
def running(*, num_cpus: int | None = None, temp_dir: Path | None = None) -> Iterator[None]:
    """Ray and Serve until the block ends. RAY_ADDRESS joins a cluster that runs already, and leaves it running.

    `temp_dir` has to be a short path: sockets lie below it.
    """
    joins = bool(os.environ.get("RAY_ADDRESS"))
    if not joins:
        set_defaults()
    import ray
    from ray import serve

    ray.init(**({} if joins else _own(num_cpus, temp_dir)), log_to_driver=False)
    try:
        yield
    finally:
        if not joins:
            serve.shutdown()
        ray.shutdown()


def set_defaults() -> None:
    """Read when Ray is imported, and by every process that it starts: so before that."""
    for key, value in ENVIRONMENT.items():
        os.environ.setdefault(key, value)
    if "RAY_AUTH_TOKEN_PATH" not in os.environ:
        # Ray's processes let nobody in without it; it ends with them.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _own(num_cpus: int | None, temp_dir: Path | None) -> dict[str, Any]:
    return {
        "num_cpus": num_cpus,
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE_MB * 2**20,
        # Copies find our modules wherever the command was given.
        "runtime_env": {"env_vars": {"PYTHONPATH": str(ROOT)}},
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(temp_dir) if temp_dir else None,
    }
