"""Briefs to try: one click for a visitor, and what the card of a writer is measured on. Made up by us."""

from pathlib import Path

from core.scenarios.content.brief import Brief
from core.scenarios.content.brief_file import BriefRow, read_briefs

TABLE_PATH = Path(__file__).parents[3] / "assets" / "briefs" / "sample.csv"

# By example and language; a writer of English only gets the English one.
BRIEFS: dict[str, dict[str, Brief]] = {
    "lamp": {
        "en": Brief(
            "Lumora desk lamp",
            channel="product-description",
            facts=("Dims to 1 %", "Made of recycled aluminium", "Two-year warranty"),
            audience="students",
            tone="friendly",
            max_words=60,
            must_say=("recycled aluminium",),
            must_not_say=("cheap",),
        ),
        "zh": Brief(
            "Lumora 台灯",
            channel="product-description",
            facts=("亮度可调到 1%", "采用再生铝", "保修两年"),
            audience="学生",
            tone="friendly",
            max_words=100,
            language="zh",
            must_say=("再生铝",),
            must_not_say=("便宜",),
        ),
    },
    "opening": {
        "en": Brief(
            "Riverside Bakery",
            channel="announcement",
            facts=("Opens on Saturday at 8", "Sourdough baked on site", "Free coffee on the first day"),
            audience="neighbours",
            tone="friendly",
            max_words=50,
            must_say=("Saturday",),
        ),
        "zh": Brief(
            "河畔面包房",
            channel="announcement",
            facts=("周六早上 8 点开业", "酸面包现场烘焙", "首日咖啡免费"),
            audience="街坊邻居",
            tone="friendly",
            max_words=80,
            language="zh",
            must_say=("周六",),
        ),
    },
    "webinar": {
        "en": Brief(
            "Invoice webinar",
            channel="email",
            facts=("Takes place on Thursday at 3 pm", "Free of charge", "Answers your questions"),
            audience="small business owners",
            tone="professional",
            max_words=80,
            must_say=("Thursday",),
            must_not_say=("unfortunately",),
        ),
        "zh": Brief(
            "发票管理网络讲座",
            channel="email",
            facts=("周四下午 3 点", "免费参加", "现场答疑"),
            audience="小企业主",
            tone="professional",
            max_words=120,
            language="zh",
            must_say=("周四",),
        ),
    },
    "post": {
        "en": Brief(
            "GreenPot planter",
            channel="social-post",
            facts=("Waters plants for 14 days", "Works without batteries"),
            audience="people who travel",
            tone="playful",
            max_words=35,
            must_say=("14 days",),
        ),
        "zh": Brief(
            "GreenPot 自动浇水花盆",
            channel="social-post",
            facts=("14 天自动浇水", "不用电池"),
            audience="经常出差的人",
            tone="playful",
            max_words=60,
            language="zh",
            must_say=("14 天",),
        ),
    },
    "tagline": {
        "en": Brief(
            "Tasky to-do app",
            channel="tagline",
            facts=("Works offline", "Shared lists"),
            audience="small teams",
            tone="plain",
            max_words=12,
        ),
        "zh": Brief(
            "Tasky 待办清单",
            channel="tagline",
            facts=("离线可用", "多人共享清单"),
            audience="小团队",
            tone="plain",
            max_words=20,
            language="zh",
        ),
    },
}


def sample_brief(example_id: str, language: str) -> Brief:
    """The brief of an example. Raises KeyError for an unknown one."""
    return BRIEFS[example_id][language]


def sample_rows() -> tuple[BriefRow, ...]:
    """The table to try a batch with; in English, which every writer writes."""
    return read_briefs(TABLE_PATH.read_bytes())
