"""A plain FastAPI server around each model, as a team would write it: a lock, and one request after the other.

`python -m benchmarks.peers.naive_api <port> <folders as JSON>`, with the Python of requirements-bench.txt.
"""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from threading import Lock

import uvicorn
from fastapi import FastAPI, UploadFile
from fastapi.responses import StreamingResponse
from PIL import Image
from pydantic import BaseModel
from starlette.concurrency import iterate_in_threadpool

from benchmarks.peers.plain_models import PlainModels


class Asked(BaseModel):
    text: str
    max_new_tokens: int = 0


port, folders = int(sys.argv[1]), json.loads(sys.argv[2])
models, lock, app = PlainModels(folders), Lock(), FastAPI()
# Forty streams that wait for a lock of threads would hold every thread of the server; the one that writes needs one.
writing = asyncio.Lock()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/answer")
def answer(asked: Asked) -> dict[str, str]:
    with lock:
        return {"answer": models.answer(asked.text)}


@app.post("/classify")
def classify(file: UploadFile) -> dict[str, float]:
    picture = Image.open(io.BytesIO(file.file.read()))
    with lock:
        return models.classify(picture)


@app.post("/translate")
def translate(asked: Asked) -> dict[str, str]:
    with lock:
        return {"text": models.translate(asked.text)}


@app.post("/write")
def write(asked: Asked) -> StreamingResponse:
    return StreamingResponse(_pieces(asked), media_type="text/plain")


async def _pieces(asked: Asked) -> AsyncIterator[str]:
    async with writing:
        async for piece in iterate_in_threadpool(models.write(asked.text, asked.max_new_tokens)):
            yield piece


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
