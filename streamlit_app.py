"""Vitrine as one ASGI app: the web pages, /api and the warm-up; run `uvicorn streamlit_app:app`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config
from streamlit.errors import StreamlitSecretNotFoundError

from api import app as api
from api.guard import Guard
from components import bugs

ROOT = Path(__file__).parent

# With torch imported, a full collection after each rerun takes 0.3 s, and the file watcher costs more still.
config.set_option("runner.postScriptGC", False)
if os.environ.get("VITRINE_DEV") != "1":
    config.set_option("server.fileWatcherType", "none")
config.set_option("server.enableAgentApi", os.environ.get("VITRINE_AGENT_API") == "1")
try:
    # What is in the environment goes before what is in the secrets.
    os.environ |= {key: str(value) for key, value in st.secrets.items() if key not in os.environ}
except StreamlitSecretNotFoundError:
    pass


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Warm up in the background: what is done in here would delay the port."""
    from core.showcase import showcase
    from core.warm_up import start

    place = showcase()
    if place.settings.warm_up:
        start(place, prepare=api.prepare)
    yield
    place.models.close()


app = st.App(
    ROOT / "components" / "shell.py",
    lifespan=lifespan,
    routes=api.routes(),
    middleware=[Middleware(Guard)],
    on_script_error=bugs.show,
)
