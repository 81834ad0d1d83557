from __future__ import annotations

from typing import Any

import pytest

from social import posts
from social.entities import Mention
from tests.social.conftest import page, post, user

TEXT = "@Smoneyfr #envoyer 12,99€ @armanddossantos"


def only(row: dict[str, Any], people: list[Any] | None = None) -> posts.Post:
    [found] = page(row, people=people).posts
    return found


class TestPost:
    @pytest.mark.parametrize("noun", ["tweet", "post"])
    def test_is_read_in_both_spellings(self, noun: str) -> None:
        row = post("claire_martin", TEXT, noun=noun, id="12")
        row |= {
            f"edit_history_{noun}_ids": ["5", "12"],
            f"referenced_{noun}s": [{"type": "retweeted", "id": "3"}],
        }
        found = only(row)
        assert (found.id, found.root_id, found.versions, found.is_edit) == ("12", "5", ("5", "12"), True)
        assert found.is_repost

    def test_knows_the_root_by_number_and_not_by_letters(self) -> None:
        assert only(post("claire_martin", TEXT, id="10", edit_history_tweet_ids=["9", "10"])).root_id == "9"

    def test_finds_the_number_of_a_mention_among_the_people(self) -> None:
        row = post("claire_martin", TEXT, entities={"mentions": [{"username": "ArmandDosSantos"}]})
        assert only(row).mentions == (Mention("ArmandDosSantos", "1002"),)
        assert only(row, people=[]).mentions == (Mention("ArmandDosSantos", ""),)

    @pytest.mark.parametrize(
        ("text", "changes", "own"),
        [
            ("@a @b oui", {"display_text_range": [6, 9]}, "oui"),
            ("@a @b oui", {"display_text_range": None, "referenced_tweets": [{"type": "replied_to"}]}, "oui"),
            ("@a @b oui", {"display_text_range": None}, "@a @b oui"),
            ("@a @b oui", {"display_text_range": "0"}, "@a @b oui"),
            ("a &amp;amp; b &lt; c", {}, "a &amp; b < c"),
        ],
    )
    def test_keeps_the_authors_own_words(self, text: str, changes: dict[str, Any], own: str) -> None:
        assert only(post("claire_martin", text) | changes).text == own

    def test_cuts_the_handles_before_a_long_reply_too(self) -> None:
        row = post("claire_martin", "@a le début… https://t.co/x") | {"display_text_range": [3, 27]}
        assert only(row | {"note_post": {"text": "@a le début et la fin"}}).text == "le début et la fin"

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": 12},
            {"id": "١٢"},
            {"author_id": None},
            {"text": None},
            {"created_at": "2026-11-21"},
            {"edit_history_tweet_ids": None},
            {"edit_history_tweet_ids": ["x"]},
            {"entities": []} | {"entities": "x"},
            {"referenced_tweets": [3]},
        ],
    )
    def test_is_refused_where_it_says_less_than_x_documents(self, changes: dict[str, Any]) -> None:
        found = page(post("claire_martin", TEXT) | changes)
        assert (found.posts, len(found.malformed)) == ((), 1)

    @pytest.mark.parametrize(
        "changes",
        [
            {"entities": {"mentions": 3}},
            {"entities": {"mentions": True}},
            {"note_tweet": {"text": TEXT, "entities": {"mentions": {}}}},
            {"referenced_tweets": 1},
            {"created_at": "0001-01-01T00:00:00+23:00"},
            {"created_at": "9999-12-31T23:59:59-23:00"},
        ],
        ids=str,
    )
    def test_of_another_shape_costs_no_other_post_of_its_page(self, changes: dict[str, Any]) -> None:
        rows = [post("claire_martin", TEXT, id="1") | changes, post("claire_martin", TEXT, id="2")]
        found = posts.page({"data": rows, "includes": {"users": 3}})
        assert [post.id for post in found.posts] == ["2"]
        assert found.malformed == ("1",)

    def test_may_refer_to_something_of_an_unknown_kind(self) -> None:
        row = post("claire_martin", TEXT, referenced_tweets=[{"type": ["retweeted"]}, {"type": {}}])
        assert not only(row).is_repost


class TestPage:
    @pytest.mark.parametrize("raw", [[], None, "x", {"meta": "x"}, {"includes": "x"}, {"errors": ["x"]}])
    def test_is_refused_if_it_is_none(self, raw: Any) -> None:
        with pytest.raises(posts.Malformed):
            posts.page(raw)

    def test_names_what_x_has_not(self) -> None:
        problem = "https://api.x.com/2/problems/"
        errors = [
            {"resource_id": "1", "type": f"{problem}resource-not-found"},
            {"value": "2", "type": f"{problem}not-authorized-for-resource"},
            {"value": "3", "type": f"{problem}something-else"},
        ]
        assert posts.page({"errors": errors}).missing == ("1", "2")

    def test_takes_one_post_or_many_or_none(self) -> None:
        row = post("claire_martin", TEXT)
        assert len(posts.page({"data": row}).posts) == 1
        assert len(posts.page({"data": [row, row]}).posts) == 2
        assert posts.page({"meta": {"result_count": 0}}) == posts.Page()

    def test_skips_people_who_cannot_be_read(self) -> None:
        people: list[Any] = [user("bob"), {"id": "x"}, 3, {"data": user("lea_petit", created_at="?")}]
        assert [p.handle for p in page(people=people).people] == ["bob", "lea_petit"]
