"""GitHub through PyGithub: what it knows of a commit, and saying there what the bot did."""
