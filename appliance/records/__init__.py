"""What has happened, in the database: tables, writing, reading, and the figures made of it."""
