"""A plain Gradio interface around each model, as a team would write it: default queue, one request after the other.

Run with the Python of requirements-bench.txt: `python gradio_app.py <port> <translator folder> <writer folder>`.
"""

import sys
from collections.abc import Iterator
from threading import Thread

import gradio as gr
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    TextIteratorStreamer,
)

PORT, TRANSLATOR, WRITER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
translator = AutoModelForSeq2SeqLM.from_pretrained(TRANSLATOR, dtype=torch.float32).eval()
translator_tokenizer = AutoTokenizer.from_pretrained(TRANSLATOR)
writer = AutoModelForCausalLM.from_pretrained(WRITER, dtype=torch.float32).eval()
writer_tokenizer = AutoTokenizer.from_pretrained(WRITER)


def translate(text: str) -> str:
    """English to Chinese with the same beam that Vitrine uses."""
    inputs = translator_tokenizer([f">>zh<< {text}"], return_tensors="pt")
    with torch.inference_mode():
        output = translator.generate(**inputs, num_beams=4, max_new_tokens=128)
    return translator_tokenizer.batch_decode(output, skip_special_tokens=True)[0]


def write(prompt: str, max_new_tokens: float) -> Iterator[str]:
    """The text so far, token by token; it always writes as many tokens as asked for."""
    messages = [{"role": "user", "content": prompt}]
    inputs = writer_tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    streamer = TextIteratorStreamer(writer_tokenizer, skip_prompt=True, skip_special_tokens=True)
    length = int(max_new_tokens)
    settings = {"max_new_tokens": length, "min_new_tokens": length, "do_sample": True, "streamer": streamer}
    Thread(target=writer.generate, kwargs={**inputs, **settings}).start()
    text = ""
    for piece in streamer:
        text += piece
        yield text


with gr.Blocks() as app:
    gr.Interface(translate, "text", "text", api_name="translate")
    gr.Interface(write, ["text", "number"], "text", api_name="write")
app.launch(server_name="127.0.0.1", server_port=PORT, quiet=True, share=False)
