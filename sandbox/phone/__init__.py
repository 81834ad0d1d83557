"""What people hold in the sandbox: a phone that gets SMS, a mailbox, an authenticator."""
