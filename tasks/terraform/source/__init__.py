"""Terraform code as it is written: which file and line says what. It is read, never run."""
