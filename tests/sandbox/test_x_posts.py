"""Posts in the sandbox's X: read, written, edited and deleted as through X's API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.running import SERVICE_ID, Sandbox

EVERYTHING = "entities,edit_controls,note_tweet,referenced_tweets,display_text_range,author_id"


def mentions(sandbox: Sandbox, person_id: str, **query: Any) -> dict[str, Any]:
    answer = sandbox.get(f"/2/users/{person_id}/mentions", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(page: dict[str, Any]) -> list[str]:
    return [post["id"] for post in page.get("data", [])]


class TestMentions:
    def test_default_fields_alone(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person()
        number = sandbox.post(author["handle"], f"hello @{named['handle']}")
        page = mentions(sandbox, named["id"])
        assert page["data"] == [
            {"id": number, "text": f"hello @{named['handle']}", "edit_history_tweet_ids": [number]}
        ]
        assert page["meta"] == {"result_count": 1, "newest_id": number, "oldest_id": number}

    def test_pages_newest_first_and_none_twice(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person()
        sent = [sandbox.post(author["handle"], f"{n} @{named['handle']}") for n in range(12)]
        seen: list[str] = []
        token: dict[str, str | None] = {}
        for size in (5, 5, 2):
            page = mentions(sandbox, named["id"], max_results=5, **token)
            assert len(page["data"]) == size
            seen += ids(page)
            token = {"pagination_token": page["meta"].get("next_token")}
        assert seen == sent[::-1]
        assert token["pagination_token"] is None

    def test_since_id_shows_what_is_newer_and_an_overlap_shows_again(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person()
        first, second, third = (sandbox.post(author["handle"], f"{n} @{named['handle']}") for n in range(3))
        assert ids(mentions(sandbox, named["id"], since_id=second)) == [third]
        assert ids(mentions(sandbox, named["id"], since_id=int(first) - 1)) == [third, second, first]
        assert ids(mentions(sandbox, named["id"], until_id=second)) == [first]
        assert mentions(sandbox, named["id"], since_id=third) == {"meta": {"result_count": 0}}

    def test_expansions_bring_people_and_posts_once(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person()
        parent = sandbox.post(author["handle"], "before")
        sandbox.post(author["handle"], f"after @{named['handle']}", reply_to=parent)
        wanted = "author_id,entities.mentions.username,referenced_tweets.id"
        page = mentions(sandbox, named["id"], expansions=wanted, **{"user.fields": "created_at,protected"})
        assert {user["id"] for user in page["includes"]["users"]} == {named["id"], author["id"]}
        assert page["includes"]["users"][0]["protected"] is False
        assert [post["id"] for post in page["includes"]["tweets"]] == [parent]

    def test_protected_authors_are_not_heard(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person(is_protected=True)
        number = sandbox.post(author["handle"], f"psst @{named['handle']}")
        assert ids(mentions(sandbox, named["id"])) == []
        assert "data" not in sandbox.get(f"/2/tweets/{number}").json()

    def test_suspended_people_are_neither_heard_nor_described(self, sandbox: Sandbox) -> None:
        named, author = sandbox.person(), sandbox.person(is_suspended=True)
        sandbox.post(author["handle"], f"psst @{named['handle']}")
        assert ids(mentions(sandbox, named["id"])) == []
        (error,) = sandbox.get(f"/2/users/{author['id']}").json()["errors"]
        assert (error["title"], error["detail"]) == (
            "Forbidden",
            f"User has been suspended: [{author['id']}].",
        )

    @pytest.mark.parametrize("query", [{"max_results": 4}, {"max_results": 101}, {"since_id": "x"}])
    def test_refuses_bad_parameters(self, sandbox: Sandbox, query: dict[str, Any]) -> None:
        answer = sandbox.get(f"/2/users/{SERVICE_ID}/mentions", **query)
        assert answer.status_code == 400
        assert answer.json()["type"] == "https://api.x.com/2/problems/invalid-request"

    def test_refuses_fields_that_there_are_not(self, sandbox: Sandbox) -> None:
        answer = sandbox.get(f"/2/users/{SERVICE_ID}/mentions", **{"tweet.fields": "heartbeat"})
        assert answer.status_code == 400


class TestSpelling:
    def test_tweet_until_2_166(self, sandbox: Sandbox) -> None:
        number = sandbox.post(sandbox.person()["handle"], "é" * 300)
        post = sandbox.get(f"/2/tweets/{number}", **{"tweet.fields": "note_tweet"}).json()["data"]
        assert post["edit_history_tweet_ids"] == [number]
        assert post["note_tweet"]["text"] == "é" * 300

    def test_post_from_2_167(self, sandbox: Sandbox) -> None:
        parent = sandbox.post(sandbox.person()["handle"], "first")
        number = sandbox.post(sandbox.person()["handle"], "é" * 300, reply_to=parent)
        query = {"post.fields": "note_post,referenced_posts", "expansions": "referenced_posts.id"}
        answer = sandbox.get(f"/2/tweets/{number}", **query).json()
        assert answer["data"]["edit_history_post_ids"] == [number]
        assert answer["data"]["note_post"]["text"].endswith("é" * 300)
        assert answer["data"]["referenced_posts"] == [{"type": "replied_to", "id": parent}]
        assert [post["id"] for post in answer["includes"]["posts"]] == [parent]

    def test_names_of_one_are_unknown_in_the_other(self, sandbox: Sandbox) -> None:
        number = sandbox.post(sandbox.person()["handle"], "hello")
        assert sandbox.get(f"/2/tweets/{number}", **{"post.fields": "note_tweet"}).status_code == 400


class TestText:
    def entities(self, sandbox: Sandbox, text: str) -> dict[str, Any]:
        number = sandbox.post(sandbox.person()["handle"], text)
        post = sandbox.get(f"/2/tweets/{number}", **{"tweet.fields": "entities"}).json()["data"]
        return dict(post.get("entities", {})) | {"text": post["text"]}

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("@acf", [(0, 4)]),
            ("＠acf", [(0, 4)]),
            ("(@acf)", [(1, 5)]),
            ("💶 @acf", [(2, 6)]),  # code points, not UTF-16
            ("a & b @acf", [(10, 14)]),  # in the text as given, which is escaped
            ("RT @acf: x", [(3, 7)]),
            ("a@acf", []),
            ("_@acf", []),
            ("&@acf", []),
            ("@acf@b", []),
            ("@acfé", []),
            ("@acf://x", []),
            ("@nobody_has_it", []),
            ("https://x.com/@acf", []),
        ],
    )
    def test_mentions(self, sandbox: Sandbox, text: str, found: list[tuple[int, int]]) -> None:
        entities = self.entities(sandbox, text)
        assert [(one["start"], one["end"]) for one in entities.get("mentions", [])] == found

    @pytest.mark.parametrize(
        ("text", "tags"),
        [
            ("#envoyer", ["envoyer"]),
            ("＃donner", ["donner"]),
            ("#12", []),
            ("a#b", []),
            ("#é1 #x", ["é1", "x"]),
        ],
    )
    def test_hashtags(self, sandbox: Sandbox, text: str, tags: list[str]) -> None:
        assert [one["tag"] for one in self.entities(sandbox, text).get("hashtags", [])] == tags

    def test_is_escaped_and_its_links_shortened(self, sandbox: Sandbox) -> None:
        entities = self.entities(sandbox, "pain & beurre <3 https://example.com/a?b=1")
        assert entities["text"].startswith("pain &amp; beurre &lt;3 https://t.co/")
        assert entities["urls"][0]["expanded_url"] == "https://example.com/a?b=1"


class TestCreate:
    def test_posts_as_the_person(self, sandbox: Sandbox) -> None:
        person = sandbox.person()
        answer = sandbox.send("POST", "/2/tweets", {"text": "Bonjour"}, sandbox.user(person["id"]))
        assert answer.status_code == 201
        assert answer.json()["data"]["text"] == "Bonjour"

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("a" * 280, 201),
            ("a" * 281, 403),
            ("€" * 140, 201),
            ("€" * 140 + "a", 403),
            ("\u202f".join("a" * 94), 201),  # 94 + 2 × 93 = 280
            ("\u202f".join("a" * 95), 403),
            ("👨‍👩‍👧" * 140, 201),
            ("https://example.com/" + "a" * 300, 201),
            ("", 400),
        ],
    )
    def test_weighs_280_at_most(self, sandbox: Sandbox, text: str, status: int) -> None:
        author = sandbox.user(sandbox.person()["id"])
        assert sandbox.send("POST", "/2/tweets", {"text": text}, author).status_code == status

    def test_replies_only_to_who_mentioned_it(self, sandbox: Sandbox, service: dict[str, str]) -> None:
        author = sandbox.person()["handle"]
        called = sandbox.post(author, "@Smoneyfr #envoyer 5€ @acf")
        uncalled = sandbox.post(author, "Il fait beau")
        reply: dict[str, Any] = {"text": "C’est noté.", "reply": {"in_reply_to_tweet_id": called}}
        assert sandbox.send("POST", "/2/tweets", reply, service).status_code == 201
        refused = sandbox.send(
            "POST", "/2/tweets", reply | {"reply": {"in_reply_to_tweet_id": uncalled}}, service
        )
        assert refused.status_code == 403
        assert "not been mentioned" in refused.json()["detail"]

    def test_reply_begins_with_handles_that_are_not_displayed(
        self, sandbox: Sandbox, service: dict[str, str]
    ) -> None:
        author = sandbox.person()["handle"]
        called = sandbox.post(author, "@Smoneyfr #envoyer 6€ @acf")
        reply = {"text": "Reçu.", "reply": {"in_reply_to_tweet_id": called}}
        number = sandbox.send("POST", "/2/tweets", reply, service).json()["data"]["id"]
        post = sandbox.get(f"/2/tweets/{number}", **{"tweet.fields": EVERYTHING}).json()["data"]
        assert post["text"] == f"@{author} @acf Reçu."
        start, end = post["display_text_range"]
        assert post["text"][start:end] == "Reçu."
        assert f"@{author}" in sandbox.get("/x/Smoneyfr").text

    def test_same_words_to_the_same_post_are_refused(self, sandbox: Sandbox, service: dict[str, str]) -> None:
        called = sandbox.post(sandbox.person()["handle"], "@Smoneyfr #envoyer 7€ @acf")
        reply = {"text": "Encore.", "reply": {"in_reply_to_tweet_id": called}}
        assert sandbox.send("POST", "/2/tweets", reply, service).status_code == 201
        again = sandbox.send("POST", "/2/tweets", reply, service)
        assert again.status_code == 403
        assert "duplicate" in again.json()["detail"]


class TestEdit:
    def test_makes_a_new_id_in_the_same_history(self, sandbox: Sandbox) -> None:
        named, person = sandbox.person(), sandbox.person()
        author = sandbox.user(person["id"])
        first = sandbox.post(person["handle"], f"5€ @{named['handle']}")
        body = {"text": f"50€ @{named['handle']}", "edit_options": {"previous_post_id": first}}
        second = sandbox.send("POST", "/2/tweets", body, author).json()["data"]["id"]
        assert second != first
        for number, text in ((first, "5€"), (second, "50€")):
            post = sandbox.get(f"/2/tweets/{number}", **{"tweet.fields": EVERYTHING}).json()["data"]
            assert post["edit_history_tweet_ids"] == [first, second]
            assert post["text"].startswith(text)
            assert post["edit_controls"]["edits_remaining"] == 4
        assert ids(mentions(sandbox, named["id"])) == [second]

    def test_five_times_at_most(self, sandbox: Sandbox) -> None:
        number = sandbox.post(sandbox.person()["handle"], "0")
        for n in range(1, 6):
            answer = sandbox.send("PUT", f"/sandbox/x/posts/{number}", {"text": str(n)})
            assert answer.status_code == 200
            number = answer.json()["id"]
        assert sandbox.send("PUT", f"/sandbox/x/posts/{number}", {"text": "6"}).status_code == 400

    def test_old_posts_and_replies_to_others_stay(self, sandbox: Sandbox) -> None:
        person = sandbox.person()["handle"]
        old = sandbox.post(person, "old", posted_at="2026-01-01T12:00:00+00:00")
        reply = sandbox.post(person, "reply", reply_to=sandbox.post(sandbox.person()["handle"], "hello"))
        for number in (old, reply):
            assert sandbox.send("PUT", f"/sandbox/x/posts/{number}", {"text": "new"}).status_code == 400


class TestDelete:
    def test_takes_all_versions(self, sandbox: Sandbox) -> None:
        named, person = sandbox.person(), sandbox.person()
        first = sandbox.post(person["handle"], f"1 @{named['handle']}")
        second = sandbox.send("PUT", f"/sandbox/x/posts/{first}", {"text": f"2 @{named['handle']}"}).json()[
            "id"
        ]
        answer = sandbox.send("DELETE", f"/2/tweets/{first}", headers=sandbox.user(person["id"]))
        assert answer.json() == {"data": {"deleted": True}}
        missing = sandbox.get("/2/tweets", ids=f"{first},{second}")
        assert missing.status_code == 200
        assert [error["value"] for error in missing.json()["errors"]] == [first, second]
        assert missing.json()["errors"][0]["type"].endswith("/resource-not-found")
        assert ids(mentions(sandbox, named["id"])) == []

    def test_what_is_there_is_answered_beside_what_is_not(self, sandbox: Sandbox) -> None:
        here = sandbox.post(sandbox.person()["handle"], "here")
        answer = sandbox.get("/2/tweets", ids=f"{here},123").json()
        assert [post["id"] for post in answer["data"]] == [here]
        assert [error["value"] for error in answer["errors"]] == ["123"]

    def test_is_for_the_author_alone(self, sandbox: Sandbox) -> None:
        number = sandbox.post(sandbox.person()["handle"], "mine")
        other = sandbox.user(sandbox.person()["id"])
        assert sandbox.send("DELETE", f"/2/tweets/{number}", headers=other).status_code == 403


class TestPeople:
    def test_handle_changes_hands_and_the_number_does_not(self, sandbox: Sandbox) -> None:
        first = sandbox.person()
        sandbox.send("PUT", f"/sandbox/x/people/{first['id']}", {"handle": f"{first['handle']}_b"})
        second = sandbox.person(handle=first["handle"])
        found = sandbox.get(f"/2/users/by/username/{first['handle'].upper()}").json()["data"]
        assert found["id"] == second["id"] != first["id"]
        assert sandbox.get(f"/2/users/{first['id']}").json()["data"]["username"] == f"{first['handle']}_b"

    def test_unknown_person_is_a_partial_error(self, sandbox: Sandbox) -> None:
        answer = sandbox.get("/2/users/by/username/nobody_at_all")
        assert answer.status_code == 200
        assert answer.json()["errors"][0]["type"].endswith("/resource-not-found")

    def test_picture_is_ours(self, sandbox: Sandbox) -> None:
        person = sandbox.get("/2/users/2014100901", **{"user.fields": "profile_image_url,created_at"}).json()[
            "data"
        ]
        assert person["profile_image_url"].startswith(sandbox.url)
        picture = sandbox.get(person["profile_image_url"].removeprefix(sandbox.url))
        assert picture.headers["Content-Type"] == "image/svg+xml"
        assert ">CM</text>" in picture.text
