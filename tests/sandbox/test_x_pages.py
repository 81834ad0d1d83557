"""The sandbox's timeline in a browser: what one writes and what others write appears without a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.sandbox.running import Sandbox

ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(sandbox: Sandbox) -> Iterator[Page]:
    """A telephone, signed in as Claire, on which nothing may go wrong in the scripts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=sandbox.url)
        opened = context.new_page()
        problems: list[str] = []
        opened.on("pageerror", lambda problem: problems.append(str(problem)))
        opened.on("dialog", lambda dialog: dialog.accept())
        yield opened
        browser.close()
    assert problems == []


def test_counts_as_x_weighs(page: Page) -> None:
    page.goto("/x/")
    box = page.get_by_role("textbox", name="What you post as")
    for text, left in (
        ("12€", "276"),
        ("👨‍👩‍👧", "278"),
        (f"https://example.com/{'a' * 99}", "257"),
        ("a" * 281, "-1"),
    ):
        box.fill(text)
        expect(page.locator(".composer output")).to_have_text(left)


def test_writes_replies_edits_and_deletes_without_leaving(page: Page) -> None:
    page.goto("/x/")
    page.get_by_role("textbox", name="What you post as").fill("Un post tout neuf @acf")
    page.get_by_role("button", name="Post", exact=True).click()
    thread = page.locator(".thread").first
    expect(thread).to_contain_text("Un post tout neuf @acf")
    thread.get_by_role("link", name="Reply").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Et ma réponse")
    page.get_by_role("dialog").get_by_role("button", name="Reply").click()
    expect(thread.locator(".replies")).to_contain_text("Et ma réponse")
    thread.get_by_role("link", name="Edit").first.click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("Un post tout neuf @acf")
    page.get_by_role("dialog").get_by_role("textbox").fill("Un post corrigé")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(thread).to_contain_text("Un post corrigé")
    expect(thread).to_contain_text("edited")
    thread.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Un post corrigé")).to_have_count(0)


def test_others_posts_arrive_by_themselves(page: Page, sandbox: Sandbox) -> None:
    page.goto("/x/")
    number = sandbox.post("tom_bernard", "Je poste d’ailleurs")
    expect(page.locator(".thread").first).to_contain_text("Je poste d’ailleurs")
    sandbox.post("lea_petit", "Je te réponds", reply_to=number)
    expect(page.locator(".thread").first.locator(".replies")).to_contain_text("Je te réponds")
    sandbox.send("DELETE", f"/sandbox/x/posts/{number}")
    expect(page.get_by_text("Je poste d’ailleurs")).to_have_count(0)


def test_one_can_be_anybody(page: Page, sandbox: Sandbox) -> None:
    person = sandbox.person(name="Nora Benali")
    page.goto(f"/x/{person['handle']}")
    page.get_by_role("button", name=f"Be @{person['handle']}").click()
    page.goto("/x/")
    expect(page.locator(".x-me")).to_contain_text("Nora Benali")


def test_one_can_protect_suspend_and_make_the_young(page: Page, sandbox: Sandbox) -> None:
    person = sandbox.person(name="Nina Petit")
    page.goto("/x/people")
    row = page.locator("li", has_text=f"@{person['handle']}")
    row.get_by_text("Protect or suspend").click()
    row.get_by_role("button", name="Suspend", exact=True).click()
    expect(row).to_contain_text("suspended by X")
    row.get_by_text("Protect or suspend").click()
    row.get_by_role("button", name="Lift the suspension").click()
    row.get_by_text("Protect or suspend").click()
    row.get_by_role("button", name="Protect the posts").click()
    expect(row).to_contain_text("posts are protected")
    page.locator("input[name=days]").fill("400")
    page.locator("aside input[name=handle], form.card input[name=handle]").fill("ancien_2025")
    page.get_by_role("button", name="Make and be them").click()
    page.goto("/x/ancien_2025")
    expect(page.locator(".profile")).to_contain_text("2025")


def test_fits_a_telephone(page: Page) -> None:
    for path in ("/", "/x/", "/x/acf", "/x/people", "/x/webhooks", "/x/compose", "/sandbox/faults"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
