"""`./run manage`: manage.py on the demo's data; its servers are started for it if the demo does not run."""

from __future__ import annotations

from launch import choices, environment, messages, place, servers, stack
from launch.processes import Processes, Program
from launch.progress import step


def main(args: list[str]) -> int:
    command = [str(place.PYTHON), "manage.py", *args]
    try:
        with stack.locked(place.DATA), Processes(place.DATA / "logs") as processes:
            variables = _start_servers(processes)
            return processes.foreground(Program("manage", command, variables, cwd=place.ROOT))
    except stack.Running:
        with Processes(place.DATA / "logs") as processes:
            variables = environment.read(place.DATA / stack.ENVIRONMENT)
            return processes.foreground(Program("manage", command, variables, cwd=place.ROOT))


def _start_servers(processes: Processes) -> dict[str, str]:
    chosen = choices.load(place.DATA)
    choices.take_ports(chosen, servers.needed_ports())
    choices.save(chosen, place.DATA)
    with step("Starting PostgreSQL and Valkey"):
        prepared = servers.prepare(chosen, folder=place.DATA, is_durable=True)
        prepared.start(processes)
        messages.compile_stale()
        prepared.wait(processes)
    return environment.of(chosen, folder=place.DATA) | prepared.environment
