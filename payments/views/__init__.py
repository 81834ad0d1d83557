"""The pages of money, by what they are about."""
