"""Applications, eligibility and admission tickets."""
