"""Which column of a shop's CSV file holds what: found by the names that people use."""

import csv
import re
from collections.abc import Mapping, Sequence

from core.errors import N_, InvalidInputError

DELIMITERS = (",", ";", "\t")
# Of each kind the likeliest name first: where a file has several, the first one counts.
INTERACTIONS = {
    "user": (
        *("user", "userid", "customer", "customerid", "visitor", "visitorid", "client", "clientid"),
        *("member", "memberid", "session", "sessionid", "用户", "用户id", "顾客", "客户"),
    ),
    "item": (
        *("item", "itemid", "product", "productid", "movieid", "sku", "stockcode", "articleid"),
        *("article", "asin", "bookid", "movie", "book", "id", "商品", "商品id", "物品"),
    ),
    "rating": ("rating", "score", "stars", "评分"),
    "time": ("timestamp", "time", "datetime", "date", "invoicedate", "createdat", "时间", "日期"),
}
ITEMS = {
    "item": INTERACTIONS["item"],
    "title": ("title", "name", "itemname", "productname", "标题", "名称", "商品名称"),
    "description": ("description", "text", "summary", "plot", "描述", "简介"),
    "category": ("category", "categories", "genre", "genres", "type", "department", "类别", "分类"),
}
NEEDED = ("user", "item")
MAX_NAMED = 12
NAME_CHARS = 30


def split_header(line: str) -> tuple[str, list[str]]:
    """The delimiter of a header line, the one that makes most columns of known names; and the cells."""
    tried = [(mark, next(csv.reader([line], delimiter=mark), [])) for mark in DELIMITERS]
    return max(tried, key=lambda each: (sum(_name(cell) in _KNOWN for cell in each[1]), len(each[1])))


def find_columns(header: Sequence[str], kinds: Mapping[str, Sequence[str]], *, file: str) -> dict[str, int]:
    """Kind -> place of its column. Raises InvalidInputError where one that is needed isn't there."""
    names = [_name(cell) for cell in header]
    for name in set(names) & _KNOWN:
        if names.count(name) > 1:
            message = N_('{file} has two columns "{column}". Keep one, or rename the other.')
            raise InvalidInputError(message, file=file, column=name)
    columns = {
        kind: names.index(found)
        for kind, known in kinds.items()
        if (found := next((name for name in known if name in names), None)) is not None
    }
    if any(kind in kinds and kind not in columns for kind in NEEDED):
        raise _missing(header, kinds, file)
    return columns


def _missing(header: Sequence[str], kinds: Mapping[str, Sequence[str]], file: str) -> InvalidInputError:
    shown = [cell.strip()[:NAME_CHARS] or "?" for cell in header[:MAX_NAMED]]
    found = ", ".join([*shown, "..."] if len(header) > MAX_NAMED else shown)
    if "user" in kinds:
        message = N_(
            "The columns of {file} are: {found}. Needed are one of users and one of items: name them "
            "user_id and item_id in the first line."
        )
    else:
        message = N_(
            "The columns of {file} are: {found}. Needed is one of items, with the same ids as in the "
            "interactions: name it item_id in the first line."
        )
    return InvalidInputError(message, file=file, found=found)


def _name(cell: str) -> str:
    return re.sub(r"[\s_\-.\"\ufeff]", "", cell).lower()


_KNOWN = frozenset(name for kinds in (INTERACTIONS, ITEMS) for names in kinds.values() for name in names)
