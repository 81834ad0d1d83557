"""Lives that S-Money and its plain model (`tests.faults.plain`) live side by side, step by step."""
