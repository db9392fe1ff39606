"""The floor: the plain library call in a process of its own, asked for one input after the other over a pipe.

`python -m benchmarks.peers.plain_loop <folders as JSON>` reads a line of JSON for each input, `[case, input]`, and
writes one with the milliseconds that the call took, those to its first piece of text, and its characters.
"""

import json
import sys
import time
from collections.abc import Iterator

from benchmarks.peers.plain_models import PlainModels, read_picture


def run(models: PlainModels, case: str, given: str) -> Iterator[str]:
    """The pieces of text of one answer."""
    if case == "question":
        yield models.answer(given)
    elif case == "translate":
        yield models.translate(given)
    elif case == "write":
        yield from models.write(given, 128)


def main() -> None:
    models = PlainModels(json.loads(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        case, given = json.loads(line)
        # The bytes of a picture are decoded in the time, as the servers do.
        began_s, first_s, chars = time.perf_counter(), 0.0, 0
        if case == "picture":
            models.classify(read_picture(given))
        for piece in run(models, case, given):
            first_s = first_s or (time.perf_counter() - began_s if piece else 0.0)
            chars += len(piece)
        took_s = time.perf_counter() - began_s
        print(json.dumps([1000 * took_s, 1000 * (first_s or took_s), chars]), flush=True)


if __name__ == "__main__":
    main()
