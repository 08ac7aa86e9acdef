"""Ways outside: each is a small adapter behind ``lms.post.parcels.Channel``."""
