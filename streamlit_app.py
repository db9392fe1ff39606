"""Vitrine as one ASGI app: the web pages, /api and the warm-up; run `uvicorn streamlit_app:app`."""

import asyncio
import contextlib
import importlib
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config, logger
from streamlit.errors import StreamlitSecretNotFoundError

from api import app as api
from api.guard import Guard
from api.in_memory import keep_uploads_in_memory
from components import bugs
from core.showcase import Showcase, showcase

ROOT = Path(__file__).parent

with contextlib.suppress(StreamlitSecretNotFoundError):
    # What is in the environment goes before what is in the secrets.
    os.environ |= {key: str(value) for key, value in st.secrets.items() if key not in os.environ}
settings = showcase().settings
log = logging.getLogger("vitrine")

# Set here and not in config.toml, which is only read from the working directory.
OPTIONS = {
    # With torch imported, a full collection after each rerun takes 0.3 s, and the file watcher costs more still.
    "runner.postScriptGC": False,
    "server.fileWatcherType": "auto" if os.environ.get("VITRINE_DEV") == "1" else "none",
    "server.enableAgentApi": settings.agent_api,
    "server.maxUploadSize": int(settings.max_request_mb),
    # Streamlit looks at the websocket's origin once more, after our own guard.
    "server.corsAllowedOrigins": [f"https://{host}" for host in settings.allowed_hosts],
    # Nothing is reported to anyone; collecting it costs a third of a rerun, too.
    "browser.gatherUsageStats": False,
    "server.headless": True,
    # Visitors see a sentence with an id, never a traceback.
    "client.showErrorDetails": "none",
    # Streamlit takes over the server's loggers, and would print a line for each file it serves.
    "logger.level": "warning",
}
for option, value in OPTIONS.items():
    config.set_option(option, value)
logger.set_log_level("WARNING")
# The pages say so, and their uploads come before the API is built.
keep_uploads_in_memory()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Warm up in the background: what is done in here would delay the port."""
    place = showcase()
    if place.settings.operator_token is None:
        log.info(
            "no_operator_token",
            extra={"meaning": "operations answer on this machine only; set one behind a proxy"},
        )
    if place.settings.warm_up:
        threading.Thread(target=warm_up_later, args=(place,), name="warm-up", daemon=True).start()
    yield
    await asyncio.to_thread(place.close)


def warm_up_later(place: Showcase) -> None:
    """Wait for the first page, then import what is heavy: an import beside it makes it 1.7 times slower."""
    place.wait_for_first_page()
    warm_up = importlib.import_module("core.warm_up")
    api.prepare()
    warm_up.run(place)


app = st.App(
    ROOT / "components" / "shell.py",
    lifespan=lifespan,
    routes=api.routes(),
    middleware=[Middleware(Guard, settings=settings)],
    on_script_error=bugs.show,
)
