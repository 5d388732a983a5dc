"""Models that a server holds, and the hub they are downloaded from."""
