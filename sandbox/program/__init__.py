"""A program of an organisation's, played on loopback: it is told of payments, and checks who says so."""
