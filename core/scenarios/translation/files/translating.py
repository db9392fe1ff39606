"""A file on its way into another language: text by text, with what is finished kept."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace

from core.pool import ModelPool
from core.scenarios.translation.files.document import Document
from core.scenarios.translation.files.inline import bare
from core.scenarios.translation.glossary import Term, checked_glossary
from core.scenarios.translation.growing import together, translate_in_steps
from core.scenarios.translation.languages import Detected, source_language
from core.scenarios.translation.memory import Memory
from core.scenarios.translation.results import Translation
from core.scenarios.translation.translating import TranslationOptions
from core.types import ModelUse, Progress

# Enough of a file to tell its language by.
SAMPLE_TEXTS = 50


@dataclass
class GrowingDocument:
    """A file that is being translated; `done` are the translations of its first texts."""

    document: Document
    options: TranslationOptions
    detected: Detected
    done: list[Translation] = field(default_factory=list)

    @classmethod
    def begin(cls, document: Document, options: TranslationOptions) -> "GrowingDocument":
        """Nothing is translated yet. Raises InvalidInputError for a file in another language."""
        sample = "\n".join(bare(text) for text in document.texts[:SAMPLE_TEXTS])
        source, detected = source_language(sample, options.source)
        return cls(document, replace(options, source=source), detected)

    def use(self, glossary: Iterable[Term]) -> None:
        """Respect these terms from here on. Raises InvalidInputError for a glossary that contradicts itself."""
        self.options = replace(self.options, glossary=checked_glossary(glossary))

    @property
    def is_finished(self) -> bool:
        return len(self.done) == len(self.document.texts)

    def steps(self, models: ModelPool, memory: Memory | None = None) -> Generator[Progress, None, None]:
        """Go on until it is finished or the generator is closed."""
        texts = self.document.texts
        yield from translate_in_steps(models, texts, self.options, done=self.done, memory=memory)

    def written(self) -> bytes:
        """The file with what is finished; the rest is in its own language still."""
        finished = [translation.text for translation in self.done]
        return self.document.write([*finished, *self.document.texts[len(finished) :]])

    @property
    def model(self) -> ModelUse | None:
        """The model that was asked, with the time it took so far."""
        return together(self.done)

    @property
    def file_name(self) -> str:
        return self.document.file_name(self.options.target)
