"""How an exam and its questions worked: statistics, and the pages that show them."""
