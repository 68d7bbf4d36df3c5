"""The adapters against scripted peers and transcripts of real switches; no switch runs."""
