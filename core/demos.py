"""The demos and pages of Vitrine: what the menu, the home page and every page's frame need to know of them."""

from dataclasses import dataclass

from core.errors import N_


@dataclass(frozen=True)
class Example:
    """One click for the visitor: a short label, and the input it stands for."""

    example_id: str
    label: str
    text: str


@dataclass(frozen=True)
class Demo:
    """One use case; all texts are English and marked for translation."""

    demo_id: str
    title: str
    tagline: str
    icon: str
    roles: tuple[str, ...] = ()
    """Model roles that must be loaded before the demo answers."""
    examples: tuple[Example, ...] = ()
    how_it_works: tuple[str, ...] = ()
    diagram: tuple[str, ...] = ()
    """The stations of a request, in order, for the small diagram."""
    is_coming: bool = False

    @property
    def page(self) -> str:
        """The page's script, relative to the repository root."""
        return f"pages/{self.demo_id.replace('-', '_')}.py"

    @property
    def key(self) -> str:
        """The prefix of the page's widget keys."""
        return self.demo_id.replace("-", "_")


CUSTOMER_SERVICE = Demo(
    demo_id="customer-service",
    title=N_("Customer service"),
    tagline=N_(
        "Answers from your own knowledge base, asks back when unsure, and knows when to call a person."
    ),
    icon=":material/support_agent:",
    roles=("embedder-en", "embedder-zh"),
    examples=(
        Example("parcel", N_("Where is my parcel?"), N_("My parcel still has not turned up, what now?")),
        Example("refund", N_("Money back"), N_("I sent the lamp back last week. When do I get my money?")),
        Example("address", N_("An ambiguous one"), N_("I need to change my address")),
        Example("wifi", N_("Own words"), N_("the thing refuses to talk to my router")),
        Example("weather", N_("Out of scope"), N_("Will it rain in Berlin tomorrow?")),
    ),
    how_it_works=(
        N_(
            "A small language model turns your question into a point in space; questions that mean the same lie close."
        ),
        N_("The nearest entries of the knowledge base are looked up, and their closeness becomes a score."),
        N_(
            "A score above the threshold is answered, a middling one is asked back, a low one goes to a person."
        ),
    ),
    diagram=(
        N_("Question"),
        N_("Embedding"),
        N_("Nearest entries"),
        N_("Score against threshold"),
        N_("Reply"),
    ),
)

DEMOS = (
    CUSTOMER_SERVICE,
    Demo(
        demo_id="translation",
        title=N_("Translation"),
        tagline=N_(
            "Natural translation that keeps your terms, numbers and placeholders whole, and proves it."
        ),
        icon=":material/translate:",
        is_coming=True,
    ),
    Demo(
        demo_id="content-generation",
        title=N_("Content generation"),
        tagline=N_("From a brief to several drafts side by side, each checked against what you asked for."),
        icon=":material/edit_note:",
        is_coming=True,
    ),
    Demo(
        demo_id="recommendation",
        title=N_("Recommendation"),
        tagline=N_("Suggestions from taste and history, with reasons that add up to the score."),
        icon=":material/recommend:",
        is_coming=True,
    ),
    Demo(
        demo_id="image-classification",
        title=N_("Image classification"),
        tagline=N_("Names what is in a picture, shows where it looked, and says when it does not know."),
        icon=":material/image_search:",
        is_coming=True,
    ),
    Demo(
        demo_id="medical-triage",
        title=N_("Medical-image triage"),
        tagline=N_(
            "Puts the urgent pictures first for a human reader. A research demonstration, not a medical device."
        ),
        icon=":material/radiology:",
        is_coming=True,
    ),
)
