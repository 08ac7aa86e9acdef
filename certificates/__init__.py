"""A notary: seals awards from opaque sources, keeps them, shows them to anyone."""
