"""An open page's ear: the stream of hints that makes it change by itself."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import requests

from launch.people import Disappointed, Person


class Ear:
    """Listens to the stream of one person's open page, from `with` to its end."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._heard = threading.Condition()
        self._events: list[str] = []
        self._response: requests.Response | None = None

    def __enter__(self) -> Self:
        # By a connection of its own: one that was closed while it is read is of no use to the next page.
        self._response = requests.get(
            f"{self._person.places.site}/live/",
            cookies=self._person.browser.session.cookies,
            stream=True,
            timeout=(5, 60),
        )
        if self._response.status_code != requests.codes.ok:
            raise Disappointed(f"The stream answers {self._response.status_code}.")
        threading.Thread(target=self._listen, args=(self._response,), daemon=True).start()
        self.wait_for("wallet")  # The hint that each stream begins with.
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.raw.shutdown()  # Else closing waits for what is being read: a keep-alive.
            self._response.close()

    def wait_for(self, event: str, *, seconds: float = 10.0) -> None:
        """Wait for the event, and take it and what came before it out.

        :raises Disappointed: if it does not come in time
        """
        with self._heard:
            if not self._heard.wait_for(lambda: event in self._events, timeout=seconds):
                raise Disappointed(f"The page was not told of “{event}” within {seconds:.0f} s.")
            del self._events[: self._events.index(event) + 1]

    def _listen(self, response: requests.Response) -> None:
        try:
            for line in response.iter_lines(chunk_size=1):
                if line.startswith(b"event: "):
                    with self._heard:
                        self._events.append(line.removeprefix(b"event: ").decode())
                        self._heard.notify_all()
        except (requests.RequestException, AttributeError, ValueError):
            return  # Closed while it was read.
