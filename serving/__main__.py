"""`python -m serving`: run the models of a plan on Ray Serve until Ctrl-C; settings are VITRINE_*, as elsewhere.

With RAY_ADDRESS it joins the Ray cluster there, deploys, and leaves it running; without, it starts a Ray of its own
that only this machine reaches.
"""

import argparse
import os
import threading
from pathlib import Path

from core import logs
from core.catalog import read_catalog
from core.settings import Settings
from serving import local_ray
from serving.plan import PLAN_PATH, Plan, read_plan


def serve_plan(plan: Plan, settings: Settings, *, host: str, port: int, num_cpus: int | None = None) -> None:
    """Deploy and, on a Ray of our own, wait for Ctrl-C."""
    with local_ray.running(num_cpus=num_cpus):
        from serving.deploy import deploy  # imports Ray, after its settings are in the environment

        deploy(plan, read_catalog(), settings, host=host, port=port)
        print(f"Models: VITRINE_BACKEND=ray+http://{host}:{port}", flush=True)
        if not os.environ.get("RAY_ADDRESS"):
            threading.Event().wait()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m serving", description=__doc__)
    parser.add_argument(
        "--plan", type=Path, default=PLAN_PATH, help="a TOML file; default: serving/plan.toml"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="where to listen; everybody who reaches it is answered"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--cpus", type=int, help="how many cores Ray may hand out; default: all")
    return parser.parse_args()


if __name__ == "__main__":
    options = arguments()
    settings = Settings.read()
    logs.configure(settings.log_level)
    try:
        serve_plan(
            read_plan(options.plan), settings, host=options.host, port=options.port, num_cpus=options.cpus
        )
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
