"""The pages of gifts, by what they are about."""
