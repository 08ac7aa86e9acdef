"""Links by which a holder shows one certificate to whom she likes, until a day she chose."""
