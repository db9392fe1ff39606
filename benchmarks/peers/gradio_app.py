"""A plain Gradio interface around each model, as a team would write it.

`python -m benchmarks.peers.gradio_app <port> <folders as JSON> <limit>`, with the Python of requirements-bench.txt.
The limit is how many requests of one interface run at once: Gradio's own default is 1.
"""

import json
import sys
from collections.abc import Iterator

import gradio as gr

from benchmarks.peers.plain_models import PlainModels

port, folders, limit = int(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
models = PlainModels(folders)


def reply(message: str, history: list) -> str:
    return models.answer(message)


def write(prompt: str, max_new_tokens: float) -> Iterator[str]:
    """The text so far, piece by piece."""
    text = ""
    for piece in models.write(prompt, int(max_new_tokens)):
        text += piece
        yield text


with gr.Blocks() as app:
    with gr.Tab("Questions"):
        gr.ChatInterface(reply, api_name="chat", concurrency_limit=limit)
    with gr.Tab("Pictures"):
        gr.Interface(
            models.classify, gr.Image(type="pil"), gr.Label(), api_name="classify", concurrency_limit=limit
        )
    with gr.Tab("Translation"):
        gr.Interface(models.translate, "text", "text", api_name="translate", concurrency_limit=limit)
    with gr.Tab("Writing"):
        gr.Interface(write, ["text", "number"], "text", api_name="write", concurrency_limit=limit)
app.launch(server_name="127.0.0.1", server_port=port, quiet=True, share=False, max_threads=max(40, limit))
