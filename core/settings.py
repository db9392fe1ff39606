"""What an operator can set: environment variables VITRINE_*."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
MODEL_POLICIES = ("starter", "auto", "hub")
DEVICES = ("auto", "cuda", "mps", "cpu")


@dataclass(frozen=True)
class Settings:
    """One process's settings; the defaults are right for a laptop."""

    database_url: str = f"sqlite:///{ROOT / 'var' / 'vitrine.db'}"
    operator_token: str | None = None
    models: str = "auto"
    """starter: bundled models only; auto: the best that is on this machine; hub: fetch the best that fits."""
    models_dir: Path = ROOT / "var" / "models"
    device: str = "auto"
    memory_mb: float | None = None
    warm_up: bool = True
    rate_limit_per_min: int | None = 120
    deadline_s: float = 30.0
    max_request_mb: float = 210.0
    max_arriving_mb: float = 1024.0
    """Of all uploads under way in this process; reading one takes about twice its size for a moment."""
    max_sessions: int = 1000
    """Of these one address has a share: half of them, and no more than are still free; all, where there is no rate."""
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    retention_days: float = 365.0
    """What visitors left is deleted when it is older than this."""
    agent_api: bool = False
    backend: str | None = None
    """Where a Ray Serve cluster runs the models instead of this process: http://host:port."""
    llm_base_url: str | None = None
    """An OpenAI-compatible endpoint, as far as /v1; its model is then the first choice for writing."""
    llm_api_key: str | None = field(default=None, repr=False)
    llm_model: str | None = None
    """None takes the first that the endpoint lists."""
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        _require("VITRINE_MODELS", self.models, MODEL_POLICIES)
        _require("VITRINE_DEVICE", self.device, DEVICES)
        _require("VITRINE_LOG_LEVEL", self.log_level, ("DEBUG", "INFO", "WARNING", "ERROR"))

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of this process; a blank variable is as good as none.

        Raises ValueError with the variable, its value and what is expected.
        """
        known = {key: rule for key, rule in _VARIABLES.items() if environ.get(key, "").strip()}
        return cls(**{field: parse(key, environ[key]) for key, (field, parse) in known.items()})


def _require(key: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{key} is '{value}'; expected one of {', '.join(choices)}.")


def _text(_key: str, value: str) -> str:
    return value.strip()


def _web_address(key: str, value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{key} is no web address; expected one like http://localhost:8000/v1.")
    return value.strip().rstrip("/")


def _backend(key: str, value: str) -> str | None:
    if value.strip() == "local":
        return None
    kind, _, address = value.strip().partition("+")
    parts = urlsplit(address)
    if kind != "ray" or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{key} is '{value}'; expected local, or one like ray+http://localhost:8000.")
    return address.rstrip("/")


def _path(_key: str, value: str) -> Path:
    return Path(value).expanduser()


def _names(_key: str, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _switch(key: str, value: str) -> bool:
    _require(key, value, ("0", "1"))
    return value == "1"


def _positive(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if number <= 0:
        raise ValueError(f"{key} is '{value}'; expected a number above 0.")
    return number


def _whole(key: str, value: str) -> int:
    return max(1, int(_positive(key, value)))


def _rate(key: str, value: str) -> int | None:
    return None if value.strip() == "off" else _whole(key, value)


_VARIABLES = {
    "VITRINE_DATABASE_URL": ("database_url", _text),
    "VITRINE_OPERATOR_TOKEN": ("operator_token", _text),
    "VITRINE_MODELS": ("models", _text),
    "VITRINE_MODELS_DIR": ("models_dir", _path),
    "VITRINE_DEVICE": ("device", _text),
    "VITRINE_MEMORY_MB": ("memory_mb", _positive),
    "VITRINE_WARM_UP": ("warm_up", _switch),
    "VITRINE_RATE_LIMIT": ("rate_limit_per_min", _rate),
    "VITRINE_DEADLINE_S": ("deadline_s", _positive),
    "VITRINE_MAX_REQUEST_MB": ("max_request_mb", _positive),
    "VITRINE_MAX_ARRIVING_MB": ("max_arriving_mb", _positive),
    "VITRINE_MAX_SESSIONS": ("max_sessions", _whole),
    "VITRINE_ALLOWED_HOSTS": ("allowed_hosts", _names),
    "VITRINE_TRUSTED_PROXIES": ("trusted_proxies", _names),
    "VITRINE_RETENTION_DAYS": ("retention_days", _positive),
    "VITRINE_AGENT_API": ("agent_api", _switch),
    "VITRINE_BACKEND": ("backend", _backend),
    "VITRINE_LLM_BASE_URL": ("llm_base_url", _web_address),
    "VITRINE_LLM_API_KEY": ("llm_api_key", _text),
    "VITRINE_LLM_MODEL": ("llm_model", _text),
    "VITRINE_LOG_LEVEL": ("log_level", _text),
}
