"""Applications that Vitrine is measured against."""
