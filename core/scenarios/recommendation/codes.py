"""Ids as numbers: a column of a million ids with few different ones takes four bytes a row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class Codes:
    """Takes a column of ids block by block; then the different ids, ascending, and the number of each row's id."""

    def __init__(self) -> None:
        self._chunks: list[pa.DictionaryArray] = []

    def add(self, ids: pa.StringArray) -> None:
        self._chunks.append(ids.dictionary_encode())

    def numbered(self, also: pa.StringArray | None = None) -> tuple[pa.StringArray, np.ndarray]:
        """The different ids, those of `also` among them, and int32 (rows,). Nothing more can be added afterwards."""
        chunks = [*self._chunks, also.dictionary_encode()] if also is not None else self._chunks
        rows = sum(len(chunk) for chunk in self._chunks)
        self._chunks = []
        column = pa.chunked_array(chunks, type=pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])[:rows]
        different = column.chunk(0).dictionary
        # Bytes of UTF-8 sort as Python's strings do.
        order = pc.sort_indices(different)
        rank = np.empty(len(order), dtype=np.int32)
        rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        return different.take(order), rank[codes]
