"""Text that two people read alike: what could be taken for another text is written by its number (`\\u0430`).

Somebody confirms a silence by eye, so two different values must never look the same. What stands as itself is printable
ASCII and letters of scripts that are judged here; everything else (spaces of other widths, marks that join the letter
before them, signs, right-to-left letters, what is invisible) is escaped as Go spells it, and a backslash is doubled.

Of letters, word by word: an ASCII or Latin word stands; a word of another script stands when one of its letters looks
like no letter of another script at least, otherwise its look-alikes are escaped; of a word that mixes Latin, Greek and
Cyrillic everything but Latin is escaped, of one that mixes Han, Kana and Hangul every look-alike. So where two texts
show the same letters, the scripts are the same too. The tables follow Unicode's confusables (UTS 39) for these scripts.
"""

from __future__ import annotations

import re
import unicodedata

from sreconsole.patterns import pattern

_WORD = pattern(r"[A-Za-z\u00c0-\u052f]+|[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3]+|.", re.S)
_ALIKE = {
    "greek": frozenset("ΑΒΓΕΖΗΙΚΛΜΝΟΠΡΤΥΦΧαβγεηικμνοπρςστυφχωάέήίόύώϊϋΐΰΆΈΉΊΌΎΏΪΫ"),
    "cyrillic": frozenset("АВГЕЅІЈКЛМНОПРСТУФХЧЬЀЁЄЇЋабвгезѕіјклмнопрстуфхьѐёєїўђћґҐ"),
    "han": frozenset("一丨丿乂亻二八匕三力千卜厶口囗夕工才彐彡刂"),
    "hiragana": frozenset("へべぺり"),
    "katakana": frozenset("イエオカタチトニノハヒヘベペミムメヨリロー"),
}
"""Letters that are read as one of another script."""
_ALWAYS = frozenset("ÐĐıĸЗ囗曰")
"""Those that resemble a letter of their own script or a digit."""
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", '"': '\\"'}


def escaped(text: str) -> str:
    """The text between double quotes of a Go literal; never the same for the eye where two texts differ."""
    if text.isascii() and text.isprintable():
        return text.replace("\\", "\\\\").replace('"', '\\"') if "\\" in text or '"' in text else text
    return "".join(_word(found) for found in _WORD.findall(text))


def disguised(text: str) -> bool:
    """Whether something of the text is escaped that is a letter: it could be taken for another text."""
    if text.isascii():
        return False
    return any(
        char.isalpha() and not char.isascii() and _word(word) != word for word in _WORD.findall(text) for char in word
    )


def _word(word: str) -> str:
    if len(word) == 1 and not _script(word):
        return _SHORT.get(word) or (word if " " <= word <= "~" else _number(word))
    scripts = {_script(char) for char in word}
    if scripts == {"latin"}:
        hidden = _ALWAYS
    elif "latin" in scripts or scripts == {"greek", "cyrillic"}:
        hidden = frozenset(char for char in word if _script(char) != "latin") | _ALWAYS
    else:
        alike = frozenset(char for char in word if char in _ALIKE.get(_script(char), ()))
        single = len(scripts) == 1 and not alike.issuperset(word)
        hidden = _ALWAYS if single else alike | _ALWAYS
    return "".join(_number(char) if char in hidden or not _script(char) else char for char in word)


def _script(char: str) -> str:
    """The script of a letter that may stand as itself; empty for everything else."""
    if char.isascii():
        return "latin" if char.isalpha() else ""
    if not char.isalpha() or unicodedata.normalize("NFKC", char) != char:
        return ""
    for last, name in _LAST:
        if char <= last:
            return name if unicodedata.category(char) != "Lm" or char == "ー" else ""
    return ""


_LAST = (
    ("\u00bf", ""),
    ("\u017f", "latin"),
    ("\u0385", ""),
    ("\u03ce", "greek"),
    ("\u03ff", ""),
    ("\u045f", "cyrillic"),
    ("\u048f", ""),
    ("\u0491", "cyrillic"),
    ("\u3040", ""),
    ("\u3096", "hiragana"),
    ("\u30a0", ""),
    ("\u30fc", "katakana"),
    ("\u4dff", ""),
    ("\u9fff", "han"),
    ("\uabff", ""),
    ("\ud7a3", "hangul"),
)
"""Ends of ranges and the script up to there."""


def _number(char: str) -> str:
    short = _SHORT.get(char)
    return short or (f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}")
