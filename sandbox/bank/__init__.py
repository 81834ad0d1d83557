"""The bank of the sandbox: name checks, payment files, answers, and the accounts where money arrives."""
