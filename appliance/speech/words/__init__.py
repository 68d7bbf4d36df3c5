"""How values are said in each language: numbers, lengths of time, dates, money, telephone numbers. Pure."""

from appliance.speech.words.common import Case, Words
from appliance.speech.words.english import English
from appliance.speech.words.other import Other
from appliance.speech.words.russian import Russian

__all__ = ["Case", "Words", "words_of"]


def words_of(language: str) -> Words:
    """The words of a language, such as ru or en-gb. One that is not known here keeps its digits, which the
    engine reads, among the words that the Unicode consortium has collected for it."""
    first = language.partition("-")[0]
    if first == "ru":
        return Russian()
    if first == "en":
        return English()
    return Other(language)
