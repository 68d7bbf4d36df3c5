"""The HTTP port: what is asked for over the web, by pages and by programs."""
