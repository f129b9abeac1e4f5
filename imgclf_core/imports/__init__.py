"""Models from elsewhere, read without trusting a word of them."""
