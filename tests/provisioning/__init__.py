"""The HTTPS server for phones, asked by clients of every kind."""
