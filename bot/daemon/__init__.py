"""The long-lived parent that starts one child process per night."""
