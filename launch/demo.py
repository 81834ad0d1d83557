"""`./run demo`: S-Money with the outside world beside it; `--play` walks through it by itself."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

from launch import choices, environment, place, stack, tour
from launch.processes import Processes, Program, Stopped
from launch.progress import say

PLAY = [str(place.PYTHON), "-m", "launch.play"]
WAIT_SECONDS = 60


def main(args: list[str]) -> int:
    wishes = _read(args)
    start = time.monotonic()
    try:
        with stack.locked(place.DATA):
            if wishes.fresh:
                stack.forget(place.DATA)
            with stack.running(place.DATA, site_port=wishes.port, with_tour=True) as demo:
                say(f"S-Money stands after {time.monotonic() - start:.1f} s.")
                if wishes.play:
                    return _play_in(demo)
                print(welcome(demo), flush=True)
                demo.processes.watch_forever()
    except stack.Running:
        return _beside_the_running_one(wishes)
    except Stopped:
        say("Stopped.")
        return 130 if wishes.play else 0
    return 0


def welcome(demo: stack.Stack) -> str:
    site, sandbox = demo.choices.site_url, demo.choices.sandbox_url
    places = {
        "S-Money": f"{site}/",
        "X, to post from": f"{sandbox}/x/",
        "X, direct messages": f"{sandbox}/x/messages",
        "Phone, for SMS": f"{sandbox}/phone/",
        "Messenger": f"{sandbox}/messenger/",
        "Mailbox": f"{sandbox}/mail/",
        "Bank, where payouts arrive": f"{sandbox}/bank/",
        "Staff": f"{site}/staff/",
        "Their codes": f"{sandbox}/authenticator/",
    }
    seen = tour.known(demo.members)
    people = [line for line in demo.members if line != seen]
    width = max(len(name) for name in [*places, *map(_name, demo.members)])
    lines = ["", *(f"  {name:<{width}}  {address}" for name, address in places.items()), ""]
    lines += [f"  {_name(member):<{width}}  {_keys(member)}" for member in people]
    if seen:
        lines += ["", *_tour(seen, site, width)]
    return "\n".join([*lines, "", "Ctrl-C stops all of it.", ""])


def _name(member: Mapping[str, object]) -> str:
    """The first value names the member, the others say how to sign in as them."""
    return str(next(iter(member.values())))


def _tour(line: Mapping[str, object], site: str, width: int) -> list[str]:
    """Where there is something to see, and who acts for the charity."""
    pages = {name: path for name, path in line.items() if str(path).startswith("/")}
    first = f"  {_name(line):<{width}}  {line['owner']} acts for it, and signs in as above."
    return [first, *(f"  {name.capitalize():<{width}}  {site}{path}" for name, path in pages.items())]


def _keys(member: dict[str, object]) -> str:
    return "  ".join(f"{key} {value}" for key, value in list(member.items())[1:])


def _read(args: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", allow_abbrev=False)
    parser.add_argument(
        "--play", action="store_true", help="walk through the demo, say each step, then leave"
    )
    parser.add_argument(
        "--port", type=int, help="where the site answers; the sandbox takes the next free one"
    )
    parser.add_argument("--fresh", action="store_true", help="forget all data first")
    return parser.parse_args(args)


def _play_in(demo: stack.Stack) -> int:
    return demo.processes.foreground(Program("play", PLAY, demo.environment, cwd=place.ROOT))


def _beside_the_running_one(wishes: argparse.Namespace) -> int:
    """Another `./run` has this checkout's data: say where its demo answers, or play there."""
    chosen = choices.load(place.DATA)
    if wishes.fresh or wishes.port:
        say(f"S-Money runs at {chosen.site_url} from this checkout: stop it first (Ctrl-C in its window).")
        return 1
    deadline = time.monotonic() + (WAIT_SECONDS if wishes.play else 0)
    while not (is_up := stack.answers(chosen.site_url + stack.READY)) and time.monotonic() < deadline:
        time.sleep(0.5)
    if not is_up:
        say("Another ./run of this checkout has its data in use, and its site does not answer yet.")
        return 1
    if not wishes.play:
        say(f"S-Money runs already: {chosen.site_url} (Ctrl-C in its window stops it).")
        return 0
    with Processes(place.DATA / "logs") as processes:
        variables = environment.read(place.DATA / stack.ENVIRONMENT)
        return processes.foreground(Program("play", PLAY, variables, cwd=place.ROOT))
