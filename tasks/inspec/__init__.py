"""What InSpec (or Cinc Auditor) says: running it, reading its reports, judging its controls."""
