"""What the tests of all pages share: a showcase without weights, and the pages through the shell."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from core import demos  # noqa: E402
from core import showcase as showcase_module  # noqa: E402
from tests.fakes import fake_showcase  # noqa: E402

PAGES = {"home": "pages/home.py", "operations": "pages/operations.py"} | {
    demo.demo_id: demo.page for demo in demos.DEMOS if not demo.is_coming
}


@pytest.fixture
def rate_limit_per_min():
    return None


@pytest.fixture
def place(tmp_path, monkeypatch, rate_limit_per_min):
    settings = {"operator_token": "open sesame", "warm_up": False, "rate_limit_per_min": rate_limit_per_min}
    fake = fake_showcase(tmp_path, **settings)
    monkeypatch.setattr(showcase_module, "build", lambda settings: fake)
    showcase_module.showcase.cache_clear()
    yield fake
    showcase_module.showcase.cache_clear()
    fake.models.close()


@pytest.fixture
def open_page(place):
    def open_page(name, *, language="en", **query):
        app = AppTest.from_file(str(ROOT / "components" / "shell.py"), default_timeout=120)
        app.query_params["lang"] = language
        for parameter, value in query.items():
            app.query_params[parameter] = value
        app.run()
        return app if name == "home" else app.switch_page(str(ROOT / PAGES[name])).run()

    return open_page
