"""What a certificate rests on, when that counts no more."""
