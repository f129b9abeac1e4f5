"""Photos on their way in: reading archives, decoding, splitting, checking, storing."""
