"""Cells of CSV files that people open in a spreadsheet: shown, never run (OWASP, "CSV Injection")."""

# A spreadsheet runs a cell that begins so, in half or full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutralised(cell: str) -> str:
    """The cell with a quote before it where a spreadsheet would run it as a formula."""
    is_formula = cell.lstrip().startswith(FORMULA_STARTS) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell


def plain(cell: str) -> str:
    """The cell as it was before `neutralised`, without space around it."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell
