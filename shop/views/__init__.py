"""The pages of the shop, by who they are for."""
