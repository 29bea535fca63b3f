"""Whole nights, through the command line."""
