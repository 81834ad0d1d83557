"""A second reader of orders, slow and written apart: it tries every stretch of the text as an amount.

It shares no code and no regular expression with the product; where the two disagree, one of them is wrong.
"""

# ruff: noqa: PLR0911, PLR0913  # a list of rules, read from top to bottom; and all that one has to know
from __future__ import annotations

import itertools
import random
import string
import unicodedata

import phonenumbers

DIGITS = string.digits
NAME = string.ascii_letters + string.digits + "_"
BLANKS = " \u00a0\u202f\u2009"
DASHES = "-‐‑‒–—―−﹣－➖"
FOREIGN = ["usd", "gbp", "chf", "dollar", "dollars", "cent", "cents", "centime", "centimes", "cts"]
LONGEST = 24


def reading(text: str, *, service: str, known: set[str], is_private: bool) -> Ordered | None:
    """The command, the cents, the payees and the code, or None if the text is no order."""
    if is_retold(text):
        return None
    handles, cover = people(text)
    tags = hashtags(text)
    cover |= {i for start, end, _ in tags for i in range(start, end)}
    numbers = phones(text) if is_private else []
    cover |= {i for start, end in numbers for i in range(start, end)}
    mine = [(start, end) for start, end, word in handles if word.lower() == service]
    named = sorted([(s, e) for s, e, word in handles if word.lower() != service] + numbers)
    if len(mine) > 1 or not (mine or is_private):
        return None
    plain = covered(text, cover)
    cents, is_of_money = amount(plain), speaks_of_money(plain)
    edges = [0, *(end for _, end in named), *(end for _, end in stretches_of_money(plain) if cents)]
    chosen = command(text, plain, tags, edges, is_of_money=is_of_money, is_private=is_private)
    if chosen is None:
        return None
    start, end, word = chosen
    meant, plain = COMMANDS[word], covered(plain, set(range(start, end)))
    if meant in ("BALANCE", "HELP", "STOP"):
        return (meant, 0, (), "") if is_private else None
    if meant in ("BUY", "CANCEL"):
        code = product(plain) if meant == "BUY" else reference(plain)
        return None if code is None or (meant == "BUY" and is_of_money) else (meant, 0, (), code)
    if is_private and not is_of_money:
        cents = bare_amount(plain, sorted([*mine, *named, (start, end)]), LEADS + MORE_LEADS.get(meant, []))
    who = [payee(text, one, is_number=one in numbers, known=known) for one in named]
    names = tuple(name for name in who if name)
    is_right = len(set(names)) == len(who) and (len(who) == 1 or (meant == "SPLIT" and who))
    is_enough = cents and (meant != "SPLIT" or cents > len(names))
    return (meant, cents or 0, names, "") if is_right and is_enough else None


Ordered = tuple[str, int, tuple[str, ...], str]
COMMANDS = {
    "envoyer": "SEND", "send": "SEND", "donner": "GIVE", "give": "GIVE", "demander": "REQUEST",
    "request": "REQUEST", "partager": "SPLIT", "split": "SPLIT", "acheter": "BUY", "buy": "BUY",
    "annuler": "CANCEL", "cancel": "CANCEL", "solde": "BALANCE", "balance": "BALANCE", "aide": "HELP",
    "help": "HELP", "stop": "STOP",
}  # fmt: skip
SMALL = [word for word, meant in COMMANDS.items() if meant in ("BALANCE", "HELP", "STOP")]
LEADS = ["à", "a", "pour", "to", "for"]
MORE_LEADS = {
    "REQUEST": ["de", "from"],
    "SPLIT": ["entre", "between", "avec", "with", "et", "and", "&"],
}
REFERENCE = set(string.digits + string.ascii_uppercase) - set("01ILO")
ASCII_WORD = string.ascii_letters + string.digits


def covered(text: str, cover: set[int]) -> str:
    return "".join("\0" if i in cover else c for i, c in enumerate(text))


def command(
    text: str,
    plain: str,
    tags: list[tuple[int, int, str]],
    edges: list[int],
    *,
    is_of_money: bool,
    is_private: bool,
) -> tuple[int, int, str] | None:
    signed = [(start, end, word.lower()) for start, end, word in tags]
    signed = [one for one in signed if one[2] in COMMANDS and text[one[0] + 1 : one[1]].isascii()]
    large = [one for one in signed if one[2] not in SMALL]
    if large:
        return large[0] if len(large) == 1 else None
    if signed and not is_of_money:
        return signed[0]
    if not is_private:
        return None
    words = bare_words(plain)
    large = [one for one in words if one[2] not in SMALL]
    opening = next((i for i, c in enumerate(plain) if c.isalnum()), -1)
    if not words or words[0][0] != opening:
        return large[0] if len(large) == 1 else None
    if words[0][2] in SMALL:
        return None if large and (is_of_money or len(edges) > 1) else words[0]
    return None if any(start < max(edges) for start, *_ in large[1:]) else words[0]


def bare_words(plain: str) -> list[tuple[int, int, str]]:
    found = []
    for i in range(len(plain)):
        for word in COMMANDS:
            piece = plain[i : i + len(word)]
            after = plain[i + len(word) : i + len(word) + 1]
            if not piece.isascii() or piece.lower() != word or is_glued(plain[:i][-1:], "#＃@＠&'’.-"):
                continue
            is_accented = bool(after) and "\u0300" <= after <= "\u036f"
            if not is_accented and not is_glued(after, "'’-@＠#＃"):
                found.append((i, i + len(word), word))
    return found


def is_glued(c: str, more: str) -> bool:
    return bool(c) and (c.isalnum() or c == "_" or c in more)


def tokens(plain: str, letters: str) -> list[tuple[str, str]]:
    """Each longest run of such characters that nothing touches, and what stood before it."""
    found, i = [], 0
    while i < len(plain):
        j = i
        while j < len(plain) and plain[j] in letters:
            j += 1
        is_touched = is_glued(plain[:i][-1:], "#＃@＠.-") or is_glued(plain[j : j + 1], "€-")
        if j > i and not is_touched and 3 <= j - i <= 20:
            found.append((plain[i:j], plain[:i]))
        i = max(j, i + 1)
    return found


def product(plain: str) -> str | None:
    codes = [
        word.upper()
        for word, _ in tokens(plain, ASCII_WORD + "-")
        if all(word.split("-")) and word[0] not in DIGITS and any(c in DIGITS for c in word)
    ]
    return codes[0] if len(codes) == 1 else None


def reference(plain: str) -> str | None:
    """Empty if there is none, None if it is a doubt."""
    sure, doubtful = [], 0
    for word, before in tokens(plain, ASCII_WORD):
        digits = sum(c in DIGITS for c in word)
        is_ours = len(word) == 8 and set(word.upper()) <= REFERENCE
        if is_ours and (digits or word == word.upper()):
            sure.append(word.upper())
        elif 0 < digits < len(word):
            doubtful += 6 <= len(word) <= 10
        elif is_ours:
            near = before[-8:].rstrip()
            doubtful += near[-1:] == "\0" or (not near and len(before) < 8)
    if doubtful or len(sure) > 1:
        return None
    return sure[0] if sure else ""


def phones(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    slips: list[tuple[int, int]] = []
    for i, c in enumerate(text):
        if c not in "0+" or is_glued(text[:i][-1:], "@＠#＃+€.,/-"):
            continue
        french = [
            j
            for j in range(i + 10, min(i + 24, len(text) + 1))
            if is_french(text[i:j]) and ends_number(text[j:])
        ]
        foreign = [
            j
            for j in range(i + 9, min(i + 17, len(text) + 1))
            if is_foreign(text[i:j]) and ends_number(text[j:])
        ]
        for j in (french or foreign)[:1]:
            is_spread = set(text[i:j]) - set(DIGITS + "+")
            follows = text[j : j + 1] in tuple(BLANKS) and text[j + 1 : j + 2].isnumeric()
            (slips if is_spread and follows else found).append((i, j))
    return [(i, j) for i, j in found if not any(start < i < end for start, end in slips)]


def is_french(piece: str) -> bool:
    for blank in BLANKS + "-":
        piece = piece.replace(blank, ".")
    for country in ("+33", "0033"):
        if piece.startswith(country):
            rest = piece[len(country) :].removeprefix(".")
            rest = rest[3:].removeprefix(".") if rest.startswith("(0)") else rest
            break
    else:
        rest = piece[1:] if piece[:1] == "0" else ""
    if rest[:1] not in tuple("123456789"):
        return False
    rest = rest[1:]
    for _ in range(4):
        rest = rest.removeprefix(".")
        if len(rest) < 2 or not set(rest[:2]) <= set(DIGITS):
            return False
        rest = rest[2:]
    return not rest


def is_foreign(piece: str) -> bool:
    return piece[0] == "+" and piece[1:2] != "0" and set(piece[1:]) <= set(DIGITS)


def ends_number(after: str) -> bool:
    return not is_glued(after[:1], "€") and not (after[:1] in tuple(".,/-") and after[1:2] in tuple(DIGITS))


def payee(text: str, where: tuple[int, int], *, is_number: bool, known: set[str]) -> str:
    start, end = where
    written = text[start:end]
    if is_number:
        return mobile(written)
    is_whole = not text[end : end + 1].isalnum()
    return f"@{written[1:].lower()}" if written[1:].lower() in known and is_whole else ""


def mobile(written: str) -> str:
    digits = "".join(c for c in written.replace("(0)", "") if c in DIGITS + "+")
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    for country in ("33", "590", "596", "594", "262", "508"):
        national = digits.removeprefix("+" + country) if digits[0] == "+" else digits[1:]
        if digits[0] == "+" and not digits.startswith("+" + country):
            continue
        number_ = phonenumbers.parse(f"+{country}{national}")
        is_mobile = phonenumbers.number_type(number_) == phonenumbers.PhoneNumberType.MOBILE
        if is_mobile and phonenumbers.is_valid_number(number_):
            return f"+{country}{national}"
    return ""


def bare_amount(plain: str, marks: list[tuple[int, int]], leads: list[str]) -> int | None:
    numeric = sum(c.isnumeric() for c in plain)
    place, gaps = 0, []
    for start, end in [*marks, (len(plain), len(plain))]:
        gaps.append(plain[place:start].strip())
        place = end
    for gap in gaps:
        for j in range(1, len(gap) + 1):
            rest = gap[j:]
            is_led = rest[:1].isspace() and rest.split()[0].lower() in leads
            if (not rest or is_led) and sum(c.isnumeric() for c in gap[:j]) == numeric:
                return number(gap[:j])
    return None


def speaks_of_money(plain: str) -> bool:
    """Whether an amount is written, readable or not; without one, digits alone may be meant in private."""
    nexts = set(range(len(plain)))
    low = plain.lower()
    euros = [i for i in nexts if low.startswith(("eur", "euro", "euros"), i) and beside_digits(plain, i)]
    return "€" in plain or bool(euros) or has_foreign(plain)


def beside_digits(plain: str, i: int) -> bool:
    """Whether EUR, euro or euros stands here as a word of its own, with digits beside it."""
    for word in ("eur", "euro", "euros"):
        j = i + len(word)
        if plain[i:j].lower() != word or not plain[i:j].isascii():
            continue
        before, after = plain[:i][-1:], plain[j : j + 1]
        if (is_glued(before, "") and before not in DIGITS) or (is_glued(after, "") and after not in DIGITS):
            continue
        left, right = plain[:i].rstrip(BLANKS), plain[j:].lstrip(BLANKS)
        if left[-1:] in tuple(DIGITS) or (word == "eur" and right[:1] in tuple(DIGITS)):
            return True
    return False


def is_retold(text: str) -> bool:
    low = text.lower().replace("＠", "@")
    words = low.split("@")
    if words[0].strip() == "rt" and len(words) > 1:
        return True
    for before, right in itertools.pairwise(words):
        left = before.rstrip()
        name = right[: next((i for i, c in enumerate(right) if c not in NAME), len(right))]
        is_rt = left.endswith("rt") and not (left[:-2] and (left[-3].isalnum() or left[-3] == "_"))
        if is_rt and name and right[len(name) :].lstrip().startswith(":"):
            return True
    return False


def people(text: str) -> tuple[list[tuple[int, int, str]], set[int]]:
    found, cover = [], set()
    for i, c in enumerate(text):
        if c not in "@＠":
            continue
        before = text[i - 1] if i else " "
        is_after_rt = text[:i].lower().endswith("rt") and (i == 2 or text[i - 3] not in NAME + "+~.-")
        if before in NAME + "!#$%&*@＠" and not is_after_rt:
            continue
        end = i + 1
        while end < len(text) and text[end] in NAME:
            end += 1
        after = text[end : end + 3]
        is_list = after[:1] == "/" and after[1:2] in string.ascii_letters and len(after) > 1
        is_latin = after[:1] > "\u00bf" and "LATIN" in unicodedata.name(after[0], "")
        is_accent = is_latin or (after[:1] and unicodedata.combining(after[0]))
        if end == i + 1 or is_list or after[:1] in ("@", "＠") or after == "://" or is_accent:
            continue
        found.append((i, end, text[i + 1 : end]))
        cover |= set(range(i, end))
    return found, cover


def hashtags(text: str) -> list[tuple[int, int, str]]:
    found, i = [], 0
    while i < len(text):
        if text[i] in "#＃" and not (i and (text[i - 1] == "&" or is_word(text[i - 1]))):
            end = i + 1
            while end < len(text) and is_word(text[end]):
                end += 1
            word = text[i + 1 : end]
            has_letter = any(not c.isdecimal() and c != "_" for c in word)
            if has_letter and text[end : end + 1] not in ("#", "＃") and text[end : end + 3] != "://":
                found.append((i, end, word))
            i = max(end, i + 1)
        else:
            i += 1
    return found


def is_word(c: str) -> bool:
    is_mark = unicodedata.category(c)[0] == "M" and c not in "\ufe0e\ufe0f"
    return c.isalnum() or c in "_\u200d\u200c" or is_mark


def stretches_of_money(text: str) -> list[tuple[int, int]]:
    stretches = [
        (i, j)
        for i in range(len(text))
        for j in range(i + 2, min(len(text), i + LONGEST) + 1)
        if spelled(text[i:j]) is not None and not (is_inside_a_word(text, j) or ends_a_word(text, i))
    ]
    whole: list[tuple[int, int]] = []  # The longest from each start; what overlaps an earlier one is not one.
    for i, j in sorted(stretches, key=lambda s: (s[0], -s[1])):
        if not whole or i >= whole[-1][1]:
            whole.append((i, j))
    return whole


def is_inside_a_word(text: str, end: int) -> bool:
    """`12 eur` in `12 européens`: letters are cut."""
    after = text[end : end + 1]
    return text[end - 1].isalpha() and (after == "_" or (after.isalnum() and after not in DIGITS))


def ends_a_word(text: str, start: int) -> bool:
    """`eur 12` in `chauffeur 12 €`: its letters are another word's."""
    before = text[start - 1 : start] if start else ""
    return text[start].isalpha() and (before == "_" or (before.isalnum() and before not in DIGITS))


def amount(text: str) -> int | None:
    whole = stretches_of_money(text)
    if len(whole) != 1:
        return None
    [(start, end)] = whole
    outside = text[:start] + "\0" * (end - start) + text[end:]
    if "€" in outside or has_foreign(text):
        return None
    if not (
        is_free_before(text[:start]) and is_free_after(text[end:], is_prefixed=text[start] not in DIGITS)
    ):
        return None
    if text[end - 1] in DIGITS and is_euro_next(text[end:].lstrip(BLANKS).lower()):
        return None
    return spelled(text[start:end])


def spelled(piece: str) -> int | None:
    """The cents of a stretch that is exactly an amount, its euro included."""
    if piece[0] not in DIGITS + "€eE":
        return None
    low = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in piece)
    for mark in ("€", "eur", "euro", "euros"):
        if low.endswith(mark) and low[0] in DIGITS:
            return number(piece[: -len(mark)].rstrip(BLANKS))
    for mark in ("€", "eur"):
        if low.startswith(mark) and low[-1] in DIGITS:
            return number(piece[len(mark) :].lstrip(BLANKS))
    left, sign, right = piece.partition("€")
    if sign and len(right) == 2 and set(right) <= set(DIGITS) and "," not in left and "." not in left:
        euros = number(left)
        return None if euros is None else euros + int(right)
    return None


def number(digits: str) -> int | None:
    for blank in BLANKS:
        digits = digits.replace(blank, " ")
    ways = set()
    for decimal, group in ((",", " "), (".", " "), (",", "."), (".", ",")):
        euros, _, cents = digits.partition(decimal)
        groups = euros.split(group)
        if decimal in digits and not (cents and len(cents) <= 2):
            continue
        if group in "., " and len(groups) > 1 and group != " " and decimal not in digits:
            continue
        if not all(set(g) <= set(DIGITS) and g for g in [*groups, cents or "0"]):
            continue
        if len(groups) > 1 and not (len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
            continue
        if groups[0][0] == "0" and groups != ["0"]:
            continue
        ways.add(int("".join(groups)) * 100 + int((cents + "00")[:2]))
    return ways.pop() if len(ways) == 1 else None


def has_foreign(text: str) -> bool:
    low = text.lower()
    marks = [(i, i + 1) for i, c in enumerate(text) if unicodedata.category(c) == "Sc" and c != "€"]
    for word in FOREIGN:
        i = low.find(word)
        while i >= 0:
            before, after = low[i - 1 : i] if i else "", low[i + len(word) : i + len(word) + 1]
            is_begun = bool(before) and before not in DIGITS and (before.isalnum() or before == "_")
            if not (is_begun or after.isalnum() or after == "_"):
                marks.append((i, i + len(word)))
            i = low.find(word, i + 1)
    for i, j in marks:
        left, right = text[:i].rstrip(BLANKS), text[j:].lstrip(BLANKS)
        may_precede = j - i <= 3
        if (left and left[-1] in DIGITS) or (may_precede and right and right[0] in DIGITS):
            return True
    return False


def is_free_before(left: str) -> bool:
    if not left:
        return True
    c = left[-1]
    if not (c.isspace() or c in "([{«\"'“‘¿¡:=;\0" or is_picture(c)):
        return False
    line = left.rstrip(BLANKS)
    if line and line[-1] in DASHES + "*/×÷~≈<>^%+±":
        return False
    for factor in ("x", "fois", "times"):
        if line.lower().endswith(factor) and line[: -len(factor)].rstrip(BLANKS)[-1:] in tuple(DIGITS):
            return False
    for c in reversed(line):
        if c in "\n\0":
            return True
        if c.isalnum() or c == "_":
            return not c.isnumeric()
    return True


def is_free_after(right: str, *, is_prefixed: bool) -> bool:
    if not right:
        return True
    if not (right[0].isspace() or right[0] in ".,;:!?…)]}»\"'”’@#＠＃\0" or is_picture(right[0])):
        return False
    rest = right.lstrip(BLANKS)
    plain = len(rest) - len(rest.lstrip(DIGITS))
    if rest != right and plain == len("50"):
        return False  # 12€ 50
    if is_prefixed and rest.lower().split(maxsplit=1)[:1] in (["k"], ["m"], ["mille"], ["million"]):
        return False
    if is_prefixed and right[0] in BLANKS and right[1:2].isnumeric():
        return False  # €12 50, €1 2,99
    if right[0] in ".,;:'’" and right[1:2].isnumeric():
        return False
    loose = right.lstrip(BLANKS + ".,;:'’")[:1]
    if loose.isnumeric() and not loose.isascii():
        return False
    return not (rest[:1] and rest[0] in "xX×*+/÷%^" + DASHES and rest[1:].lstrip(BLANKS)[:1].isnumeric())


def is_euro_next(low: str) -> bool:
    nexts = [
        low[len(word) : len(word) + 1] or " " for word in ("eur", "euro", "euros") if low.startswith(word)
    ]
    return any(c in DIGITS or not is_word(c) for c in nexts)


def is_picture(c: str) -> bool:
    return "\U0001f300" <= c <= "\U0001faff" and c != "\U0001f51f"


GOOD = "12,99€|12.99€|12€|12 €|12,5€|12€99|€12.99|€ 12,99|12EUR|EUR 12|12 euros|1 000 €|1.000,50 €|€1,000.50"
GOOD += "|0,01€|250 Euros|1\u202f000€|7\u00a0€|8\u2009eur"
BAD = "1.000€|1,000€|12,999€|0€|-12€|1e3€|12²€|１２€|$12|12£|20|12 dollars|k€|12k€|2x12€|12€/2|007€|12,€|,50€"
BAD += "|12€ 50|12€9|1 0000€|50 centimes|€|+3€"
BARE = "10|10|12,50|12.5|1 000|20|0|007|1.000|-5|10²|10 20|1２|5x"
WHO = ["@bob", "@bob", "@alice", "＠bob", "@nobody", "@bob_", "@bobé", "mail@bob", "@bob/x", "@bоb"]
PHONES = ["0612345678", "06 12 34 56 78", "+33612345678", "+33 6 12 34 56 78", "06.12.34.56.78"]
PHONES += ["0033766123456", "+33 (0)6-12-34-56-78", "0692123456", "+262692123456"]
BAD_PHONES = ["0112345678", "061234567", "06123456789", "+447911123456", "06 12 34 56 7", "0612345678€"]
WORDS = ["merci", "3", "12", "2x", "x", "-", "resto", "#miam", "😘", "à", "(", ")", ",", "."]
REST = [
    *WORDS,
    "12h30",
    "Euro",
    "²",
    "\n",
    "pour",
    "to",
    "et",
    "aide",
    "#stop",
    "acheter",
    "help!",
    "l'envoyer",
]
SERVICE = ["@Smoneyfr"] * 9 + ["@smoneyfr", "＠Smoneyfr", "@Smoneyfr_"]
ODD = ["envoyer", "#envoyer!", "#ſend", "#envoyez", "send", "Ｓend", "#solde", "#aide", "##donner", "a#send"]
CODES = ["TSHIRT42", "tshirt42", "VIN-2024-R", "A12", "MUG7.", "A1", "42", "T-", "TSHIRT42é", "-X12", "A--1B"]
REFERENCES = ["", "", "K7Q2M9XA", "k7q2m9xa", "KXQZMNAB", "kxqzmnab", "K7Q2M9X0", "K7Q2M9X"]
REFERENCES += ["23456789", "paiement"]
GLUE = [" "] * 24 + ["", "\n", "\u00a0", "  ", ", ", "-", "\u200b", ":"]
SLIPS = "0129.,€ -xe²１$#@_\u200b+6A"


def message(seed: int) -> tuple[str, bool]:
    """A message such as people write, and worse; and whether it is private."""
    dice = random.Random(seed)
    is_private = dice.random() < 0.45
    word = dice.choice([*COMMANDS, "envoyer", "send", "partager", "demander"])
    sign = dice.choice(["", "", "", "#"] if is_private else ["#"] * 9 + ["＃"])
    spelled_ = dice.choice([word, word, word.upper(), word.capitalize()])
    parts = [dice.choice(ODD) if dice.random() < 0.06 else sign + spelled_]
    if not is_private or dice.random() < 0.2:
        parts.insert(dice.choice([0, 0, 1]), dice.choice(SERVICE))
    parts += _about(COMMANDS[word], dice, is_private=is_private)
    parts += [dice.choice(REST) for _ in range(dice.choice([0, 0, 0, 1, 2, 3]))]
    if dice.random() < 0.1:
        parts.append(dice.choice([*GOOD.split("|"), *BAD.split("|"), *WHO, *COMMANDS, *CODES, *PHONES]))
    if dice.random() < 0.3:
        dice.shuffle(parts)
    text = "".join(part + dice.choice(GLUE) for part in parts)
    if dice.random() < 0.15:
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice(SLIPS) + text[place + dice.choice([0, 1]) :]
    return text, is_private


def _about(meant: str, dice: random.Random, *, is_private: bool) -> list[str]:
    """What such an order has beside its command, or nearly."""
    if meant in ("BALANCE", "HELP", "STOP"):
        return []
    if meant == "BUY":
        return [dice.choice(CODES[: dice.choice([4, 11])])]
    if meant == "CANCEL":
        return [dice.choice(REFERENCES)]
    amounts = (GOOD if dice.random() < 0.75 else BAD).split("|")
    if is_private and dice.random() < 0.4:
        amounts = BARE.split("|")[: dice.choice([6, 14])]
    who = WHO[: dice.choice([3, 10])]
    if is_private and dice.random() < 0.5:
        who = PHONES if dice.random() < 0.8 else BAD_PHONES
    many = dice.choice([1, 2, 2, 3]) if meant == "SPLIT" else 1
    named = [dice.choice([*who, "@alice", "@acf"] if many > 1 else who) for _ in range(many)]
    between = [[dice.choice(["", "et", "and", ","]), one] for one in named]
    return [dice.choice(amounts), *itertools.chain.from_iterable(between)]
