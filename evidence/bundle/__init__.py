"""The offline bundle: what an auditor takes home, and checks without installing anything."""
