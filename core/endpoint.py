"""The model behind the operator's OpenAI-compatible endpoint, as a row of the catalog."""

from urllib.parse import urlsplit

from core.catalog import Catalog, ModelSpec
from core.settings import Settings
from core.types import Tier

MODEL_ID = "remote-writer"
# Answers read at once; the endpoint does the work and has limits of its own.
CONNECTIONS = 32


def with_endpoint(catalog: Catalog, settings: Settings) -> Catalog:
    """The catalog, with the endpoint's model as the first choice for writing and translating if one is set."""
    if not settings.llm_base_url:
        return catalog
    spec = ModelSpec(
        model_id=MODEL_ID,
        roles=("writer", "translator-en-zh", "translator-zh-en"),
        task="openai-chat",
        tier=Tier.REMOTE,
        license="unknown",
        size_mb=0,
        languages=("en", "zh"),
        title=settings.llm_model or urlsplit(settings.llm_base_url).hostname or MODEL_ID,
        endpoint=settings.llm_base_url,
        remote_name=settings.llm_model,
        mask="<x{n}>",
        max_batch_size=CONNECTIONS,
    )
    return Catalog((spec, *catalog.specs))
