"""A text that the code raises is found where it is written, however it gets to where it is raised"""

import os
from pathlib import Path

from selftests.support.error_texts import ErrorTexts

RAISES = """
class CookieproofError(Exception):
    pass

class Late(CookieproofError):
    def __init__(self, what):
        super().__init__(f"{what} came late.")

NAME = "the.file"

def explain(day):
    why = f"it is {day}" if day else "nobody knows"
    raise CookieproofError(f"{NAME} is closed, since {why}.".rstrip())

def demand(what):
    if problem := refuse(what):
        raise CookieproofError(problem)
    pytest.skip("not here" + " today")

def refuse(what):
    return "\\n".join(["refused:", *what]) if what else ""

def hand_on(error):
    raise Late(error) from error

def mark(item, said):
    item.add_marker(pytest.mark.skip(reason=f"runs only on {said}"))
    raise CookieproofError(said)
"""


def test_texts_are_followed_to_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "raises.py").write_text(RAISES)
    followed = ErrorTexts(tmp_path)
    assert followed.found.keys() == {
        "… came late.",
        "the.file is closed, since it is ….",
        "the.file is closed, since nobody knows.",
        "refused: …",
        "not here today",
        "runs only on …",
    }
    assert [*followed.unread.values()] == ["said"]
    assert [place.rpartition(":")[0] for place in followed.unread] == [os.path.join("sub", "raises.py")]
