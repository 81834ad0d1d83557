"""Sets S-Money up on a bare machine and runs it: servers, processes, tests, checks.

Until the virtual environment stands only the standard library is there, and this package keeps to it;
the few modules that run afterwards and need more import it themselves.
"""
