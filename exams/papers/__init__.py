"""Blueprints and the papers assembled from them."""
