_EXTENSION = r"(?:[ ]?(?:转|分机|ext\.?|x)[ ]?[0-9]{1,6})?"
# The ways people group eleven digits; any other grouping would join dates and years into numbers.
_MOBILE_CN = re.compile(
    rf"{BEFORE}(?:\(?(?:\+|00)?86\)?{GAP}?)?1(?:[3-9][0-9]{{9}}|[3-9][0-9](?:"
    rf"{GAP}[0-9]{{4}}{GAP}[0-9]{{4}}|{GAP}[0-9]{{8}}|[0-9]{{4}}{GAP}[0-9]{{4}}|[0-9]{GAP}[0-9]{{4}}{GAP}[0-9]{{3}}|"
    rf"{GAP}[0-9]{{3}}{GAP}[0-9]{{5}})|[ ][3-9](?:[ ][0-9]){{9}})(?![0-9])"
)
_PHONE_NANP = re.compile(
    rf"{BEFORE}(?<!-)(?:1[-. ])?(?:\([2-9][0-9]{{2}}\)[ ]?|[2-9][0-9]{{2}}[-.])[2-9][0-9]{{2}}[-. ][0-9]{{4}}"
    rf"(?!-?[0-9]){_EXTENSION}"
)
_PHONE_PLUS = re.compile(r"(?<![0-9A-Za-z])\(?\+[ ]?\(?[0-9](?:[ ()./-]{0,3}[0-9]){6,14}(?![0-9])" + _EXTENSION)
_PHONE_ZERO = re.compile(
    rf"{BEFORE}(?<!-)\(?0[0-9]{{2,5}}\)?(?:{GAP}?[0-9]{{2,8}}){{1,4}}(?![0-9]){_EXTENSION}"
)
_PHONE_SPACED = re.compile(rf"{BEFORE}(?:1 )?[2-9][0-9]{{2}} [2-9][0-9]{{2}} [0-9]{{4}}(?![0-9])")
_PHONE_NAMED = re.compile(
    r"(?:(?<![A-Za-z])(?:phone|telephone|tel|mobile|cell|fax|whatsapp|call|text|ring)|"
    rf"电话|手机|座机|联系方式|传真|致电|拨打){FILLER}"
    r"(\+?[(]?[0-9](?:[ ()./-]{0,2}[0-9]){6,14})(?![0-9])" + _EXTENSION,
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}([-./])[0-9]{1,2}\1[0-9]{1,2}(?![0-9])|[0-9]{1,2}([-./])[0-9]{1,2}\2[0-9]{4}")
