"""Other people's programs, run so that they can't outlive us, and private folders for what they write."""
