"""A second reader of orders, slow and written apart: it tries every stretch of the text as an amount.

It shares no code and no regular expression with the product; where the two disagree, one of them is wrong.
"""

# ruff: noqa: PLR0911  # a list of rules, read from top to bottom
from __future__ import annotations

import itertools
import random
import string
import unicodedata

DIGITS = string.digits
NAME = string.ascii_letters + string.digits + "_"
BLANKS = " \u00a0\u202f\u2009"
DASHES = "-‐‑‒–—―−﹣－➖"
FOREIGN = ["usd", "gbp", "chf", "dollar", "dollars", "cent", "cents", "centime", "centimes", "cts"]
LONGEST = 24


def reading(text: str, *, service: str, known: set[str]) -> tuple[int, str] | None:
    """The cents and the payee's handle, or None if the text is no order."""
    if is_retold(text):
        return None
    handles, cover = people(text)
    tags = hashtags(text)
    cover |= {i for start, end, _ in tags for i in range(start, end)}
    commands = [word.lower() for *_, word in tags if word.lower() in ("envoyer", "send") and word.isascii()]
    others = [word.lower() for *_, word in tags if word.lower() in LATER and word.isascii()]
    services = [word for word, _ in handles if word.lower() == service]
    payees = [(word, end) for word, end in handles if word.lower() != service]
    if len(commands) != 1 or others or len(services) != 1 or len(payees) != 1:
        return None
    [(payee, end)] = payees
    if payee.lower() not in known or text[end : end + 1].isalnum():
        return None
    cents = amount("".join("\0" if i in cover else c for i, c in enumerate(text)))
    return (cents, payee.lower()) if cents else None


LATER = ["donner", "give", "demander", "request", "partager", "split", "acheter", "buy", "annuler", "cancel"]


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


def people(text: str) -> tuple[list[tuple[str, int]], set[int]]:
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
        found.append((text[i + 1 : end], end))
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


def amount(text: str) -> int | None:
    stretches = [
        (i, j)
        for i in range(len(text))
        for j in range(i + 2, min(len(text), i + LONGEST) + 1)
        if spelled(text[i:j]) is not None
    ]
    whole: list[tuple[int, int]] = []  # The longest from each start; what overlaps an earlier one is not one.
    for i, j in sorted(stretches, key=lambda s: (s[0], -s[1])):
        if not whole or i >= whole[-1][1]:
            whole.append((i, j))
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
WHO = ["@bob", "@bob", "@alice", "＠bob", "@nobody", "@bob_", "@bobé", "mail@bob", "@bob/x", "@bоb"]
WORDS = ["merci", "3", "12", "2x", "x", "-", "resto", "#miam", "😘", "à", "(", ")", ",", "."]
REST = [*WORDS, "12h30", "Euro", "²", "\n"]
SERVICE = ["@Smoneyfr"] * 9 + ["@smoneyfr", "＠Smoneyfr", "@Smoneyfr_"]
WHAT = ["#envoyer", "#envoyer", "#send", "#SEND", "＃envoyer", "#donner", "envoyer", "#envoyer!", "#ſend"]
GLUE = [" "] * 24 + ["", "\n", "\u00a0", "  ", ", ", "-", "\u200b", ":"]


def message(seed: int) -> str:
    """A post such as people write, and worse."""
    dice = random.Random(seed)
    amounts = (GOOD if dice.random() < 0.7 else BAD).split("|")
    parts = [dice.choice(SERVICE), dice.choice(WHAT[: dice.choice([2, 9])])]
    parts += [dice.choice(amounts), dice.choice(WHO[: dice.choice([3, 10])])]
    parts += [dice.choice(REST) for _ in range(dice.choice([0, 0, 1, 2, 3]))]
    if dice.random() < 0.1:
        parts.append(dice.choice([*GOOD.split("|"), *BAD.split("|"), *WHO, *WHAT]))
    if dice.random() < 0.3:
        dice.shuffle(parts)
    text = "".join(part + dice.choice(GLUE) for part in parts)
    if dice.random() < 0.15:
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice("0129.,€ -xe²１$#@_\u200b") + text[place + dice.choice([0, 1]) :]
    return text
