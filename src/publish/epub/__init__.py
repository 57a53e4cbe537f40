"""Pages → EPUB bytes: `package` makes them, `info` and `readers` read and fit what was made."""
