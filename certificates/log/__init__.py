"""The register's log: a Merkle tree over everything that happened to certificates."""
