"""DESIGN in code: who may import whom, which calls may never appear, and what stays out of the first paint."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("core", "components", "pages", "api")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
# What each layer may import of ours, by the longest prefix that matches the file.
ALLOWED = {
    "pages": (
        "components",
        "core.scenarios",
        "core.demos",
        "core.showcase",
        "core.types",
        "core.errors",
        "core.limits",
    ),
    "components": ("components", "core"),
    "api": ("api", "core"),
    "core/scenarios": ("core",),
    "core/engines": (
        "core.calibration",
        "core.catalog",
        "core.device",
        "core.errors",
        "core.types",
        "core.engines",
    ),
    "core/showcase": ("core",),
    "core": ("core",),
}
FORBIDDEN = {
    "core": ("streamlit", "fastapi", "starlette", "components", "pages", "api"),
    "core/scenarios": ("core.showcase", "core.engines", "core.sources"),
    "core/showcase": ("core.scenarios",),
    "core/batching": ("core.engines", "core.pool", "core.scenarios", "core.catalog"),
    "core/streaming": ("core.engines", "core.pool", "core.scenarios", "core.catalog"),
    "core/remote_streams": ("core.engines", "core.pool", "core.scenarios", "core.catalog"),
    "components": ("core.engines", "torch", "transformers", "sentence_transformers", "api"),
    "pages": ("core.engines", "core.pool", "torch", "transformers", "sentence_transformers", "api"),
    "api": ("core.engines", "torch", "transformers", "sentence_transformers", "streamlit", "components"),
}
HEAVY = ("torch", "transformers", "sentence_transformers")
MAY_IMPORT_HEAVY = ("core/engines/", "core/device.py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def starts(name, prefixes):
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_point_downwards(path):
    place = str(path.relative_to(ROOT).with_suffix(""))
    names = list(imports_of(path))
    layer = max((prefix for prefix in ALLOWED if place.startswith(prefix)), key=len)

    ours = [name for name in names if name.split(".")[0] in FOLDERS]
    assert [name for name in ours if not starts(name, ALLOWED[layer])] == []
    for prefix, forbidden in FORBIDDEN.items():
        if place.startswith(prefix):
            assert [name for name in names if starts(name, forbidden)] == []
    if not place.startswith(tuple(part.removesuffix(".py") for part in MAY_IMPORT_HEAVY)):
        assert [name for name in names if starts(name, HEAVY)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_dangerous_is_called(path):
    source = path.read_text(encoding="utf-8")

    for word in (
        "unsafe_allow_html=True",
        "trust_remote_code=True",
        "pickle",
        "torch.load(",
        "st.components",
        "eval(",
    ):
        # Of torch: a module's mode, and the fusing of two layers.
        assert word not in source.replace(".eval()", "").replace("fuse_conv_bn_eval(", "")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_is_caught_only_in_the_batcher_and_the_front_doors(path):
    handlers = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
    ]
    catch_all = [
        node
        for node in handlers
        if node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
    ]

    allowed = {"core/batching.py", "core/streaming.py", "api/bugs.py"}
    assert catch_all == [] or str(path.relative_to(ROOT)) in allowed


def test_the_frame_and_the_core_come_up_without_torch():
    heavy = ", ".join(repr(name) for name in (*HEAVY, "fastapi", "sqlalchemy", "sklearn"))
    code = (
        "import sys; import components.navigation, components.models, core.showcase, api.app; core.showcase.showcase();"
        f"print([name for name in ({heavy},) if name in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
