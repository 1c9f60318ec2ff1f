"""Requirements, requests in words, and the tests proposed for them."""
