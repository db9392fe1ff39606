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

TRANSLATION = Demo(
    demo_id="translation",
    title=N_("Translation"),
    tagline=N_("Natural translation that keeps your terms, numbers and placeholders whole, and proves it."),
    icon=":material/translate:",
    roles=("translator-en-zh", "translator-zh-en"),
    # The texts are in the language they are translated from, whatever the interface speaks.
    examples=(
        Example(
            "letter", N_("A short message"), "Thank you for your help. The meeting starts at nine tomorrow."
        ),
        Example(
            "placeholders",
            N_("Placeholders and links"),
            "Dear {name}, thank you for your letter. We will send you 3 books on 2026-03-05. 🎉 "
            "You can read more at https://example.com/books?id=42. Please write to help@example.com.",
        ),
        Example("chinese", N_("From Chinese"), "我们公司想请你们帮忙做一个新网站。请问大概要多少钱？"),
        Example(
            "long",
            N_("A long one"),
            "The small town lies between the mountains and the sea. Many people visit it every summer. "
            "They swim, eat fresh fish and walk along the old harbor.\n\n"
            "In winter it is quiet. The shops close early and the streets are empty. "
            "My grandmother says that this is the best time of the year. She sits by the window and reads. "
            "When it snows, the children run outside and laugh.\n\n"
            "Next year a new railway will connect the town with the capital. "
            "Some people are happy about it, because they hope for more work. "
            "Others are worried that the town will lose its peace. Nobody knows who is right.",
        ),
    ),
    how_it_works=(
        N_(
            "The text is cut into sentences, and whatever must not change (numbers, links, placeholders, tags, your "
            "terms) is hidden behind marks."
        ),
        N_("A neural network reads each sentence and writes it anew in the other language, piece by piece."),
        N_("The marks are put back and everything is checked: what was kept, which terms were respected."),
    ),
    diagram=(N_("Text"), N_("Sentences"), N_("Marks"), N_("Translator"), N_("Checks"), N_("Translated text")),
)

CONTENT_GENERATION = Demo(
    demo_id="content-generation",
    title=N_("Content generation"),
    tagline=N_("From a brief to several drafts side by side, each checked against what you asked for."),
    icon=":material/edit_note:",
    roles=("writer",),
    # The briefs themselves are in core/scenarios/content/samples.py.
    examples=(
        Example("lamp", N_("Product description"), "Lumora desk lamp"),
        Example("opening", N_("Announcement"), "Riverside Bakery"),
        Example("webinar", N_("E-mail"), "Invoice webinar"),
        Example("post", N_("Social post"), "GreenPot planter"),
        Example("tagline", N_("Tagline"), "Tasky, a to-do app"),
    ),
    how_it_works=(
        N_("Your brief becomes a short instruction that names the product, the facts and the limits."),
        N_(
            "A language model writes several drafts at once, a piece of a word at a time, each with its own seed."
        ),
        N_(
            "Rules that are not a model check every draft: length, wording, language, and facts you never gave."
        ),
    ),
    diagram=(
        N_("Brief"),
        N_("Instruction"),
        N_("Language model"),
        N_("Drafts"),
        N_("Checks"),
    ),
)

IMAGE_CLASSIFICATION = Demo(
    demo_id="image-classification",
    title=N_("Image classification"),
    tagline=N_("Names what is in a picture, shows where it looked, and says when it does not know."),
    icon=":material/image_search:",
    roles=("image-classifier",),
    # The pictures themselves are drawn by core/scenarios/images/drawings.py.
    examples=(
        Example("car", N_("A drawn car"), "car"),
        Example("ship", N_("A drawn ship"), "ship"),
        Example("cat", N_("A drawn cat"), "cat"),
        Example("orange", N_("A product"), "orange"),
        Example("pattern", N_("Nothing it knows"), "pattern"),
        Example("many", N_("Twenty at once"), "many"),
    ),
    how_it_works=(
        N_(
            "The picture is cut square and shrunk to the size that the model learned from; it is never written to a "
            "disk."
        ),
        N_(
            "A neural network turns its pixels into shapes, the shapes into parts, and the parts into a score for "
            "each label."
        ),
        N_(
            "The scores are made honest on pictures held back for that: of those called 80 % sure, about 80 % are "
            "right; and what resembles nothing learned is called unknown."
        ),
    ),
    diagram=(
        N_("Picture"),
        N_("Neural network"),
        N_("Features"),
        N_("Calibrated scores"),
        N_("Known or unknown?"),
    ),
)

MEDICAL_TRIAGE = Demo(
    demo_id="medical-triage",
    title=N_("Medical-image triage"),
    tagline=N_(
        "Puts the urgent pictures first for a human reader. A research demonstration, not a medical device."
    ),
    icon=":material/radiology:",
    roles=("picture-kind", "chest-xray"),
    # The pictures themselves are drawn by core/scenarios/triage/phantoms.py.
    examples=(
        Example("worklist", N_("A mixed worklist (synthetic)"), "worklist"),
        Example("opacity", N_("A phantom with an opacity (synthetic)"), "opacity"),
        Example("clear", N_("A phantom without one (synthetic)"), "clear"),
        Example("refused", N_("What is refused (synthetic)"), "refused"),
    ),
    how_it_works=(
        N_(
            "Every file is decoded in memory and its DICOM identity tags are left behind; what is no frontal chest "
            "X-ray, or too poor to be read, is refused with the reason and goes to a person."
        ),
        N_(
            "A neural network gives the probability of a pneumonia-like opacity, once for the picture and once for "
            "each of eight slightly altered copies, which shows how firm the score is."
        ),
        N_(
            "The operating point that you choose turns scores into bands, and bands into an order: urgent first, and "
            "whatever is not sure before anything called unlikely."
        ),
    ),
    diagram=(
        N_("Pictures"),
        N_("Identity stripped"),
        N_("Chest X-ray or not?"),
        N_("Score and spread"),
        N_("Operating point"),
        N_("Worklist for a person"),
    ),
)

RECOMMENDATION = Demo(
    demo_id="recommendation",
    title=N_("Recommendation"),
    tagline=N_("Suggestions from taste and history, with reasons that add up to the score."),
    icon=":material/recommend:",
    roles=("embedder-en", "embedder-zh"),
    # Items of the sample shop that somebody likes; or, for the last one, a simulated visitor.
    examples=(
        Example("barista", N_("Home barista"), "coffee-maker-pour-over grinder-hand kettle-gooseneck"),
        Example("gardener", N_("Gardener"), "raised-bed-larch secateurs-bypass seeds-vegetable-mix"),
        Example("parents", N_("New parents"), "lamp-night-moon game-dragon-dash clay-airdry"),
        Example("cyclist", N_("Cyclist"), "helmet-road pump-mini saddle-leather"),
        Example("visitor", N_("A simulated visitor"), "guitarist-0142"),
    ),
    how_it_works=(
        N_(
            "Three recommenders look at what you like: one counts what most people take, one compares what the items' "
            "texts say, and one has learned which items are taken by the same people."
        ),
        N_(
            "The hybrid adds their scores up, with weights that you see and can move; two sliders trade closeness for "
            "more different or less known items."
        ),
        N_(
            "Every score is a sum, so the page can show what each liked item adds to it, and compute what would leave "
            "the list without that item."
        ),
    ),
    diagram=(
        N_("What you like"),
        N_("Three recommenders"),
        N_("Weighted sum"),
        N_("Difference and novelty"),
        N_("List with reasons"),
    ),
)

DEMOS = (
    CUSTOMER_SERVICE,
    TRANSLATION,
    CONTENT_GENERATION,
    RECOMMENDATION,
    IMAGE_CLASSIFICATION,
    MEDICAL_TRIAGE,
)


def roles() -> tuple[str, ...]:
    """The model roles that the demos which are open need."""
    return tuple(dict.fromkeys(role for demo in DEMOS if not demo.is_coming for role in demo.roles))
