"""The files that pictures come in: one module per format takes out what decoding the first frame needs."""
