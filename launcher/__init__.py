"""What `./balint.sh` does: set up, run, test. Nothing of the app is imported here."""
