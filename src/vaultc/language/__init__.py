"""Russian and English words, sentences, numbers and dates as values."""
